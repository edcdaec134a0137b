"""What can go wrong between a frame and a score. Each message says what was expected, what was found and where."""

from __future__ import annotations

from pipelines.errors import TierhouseError


class ModelError(TierhouseError):
    """Base of all errors of this package."""


class FeatureError(ModelError):
    """A frame breaks the feature schema: a column, a type, a null, a range or the grain."""


class TooLittleHistory(ModelError):
    """The labelled month-ends do not hold enough rows of both classes to train and to judge."""


class FitError(ModelError):
    """The fit did not converge, or its ranking turned round on later month-ends."""


class LeakSuspected(ModelError):
    """A result is too good to be true, or a model would score days from before its own training."""


class ModelStoreError(ModelError):
    """A stored model is missing, half written, tampered with, or made by another scikit-learn."""


class NoChampion(ModelError):
    """No stored model was trained through the asked day or earlier."""


class UnknownTarget(ModelError):
    """A target or horizon that is not in the list of targets."""
