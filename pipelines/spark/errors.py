"""Errors of the Spark engine that an operator can act on."""

from pipelines.errors import TierhouseError


class SparkMissing(TierhouseError):
    """A package or program that Spark needs is not installed."""


class SparkGone(TierhouseError):
    """The Spark server does not answer, or ended during a run."""
