"""Errors of training and scoring. Each message says what was expected, what was found, and where."""

from __future__ import annotations

from pipelines.errors import TierhouseError


class ModelError(TierhouseError):
    """Base of all errors of this package."""


class FeatureError(ModelError):
    """A frame does not match the feature schema: a column, a type, a null, a range or the grain."""


class TooLittleHistory(ModelError):
    """The labelled month-ends do not have enough rows of both classes to train and to judge."""


class FitError(ModelError):
    """The fit did not converge, or its ranking is reversed on later month-ends."""


class LeakSuspected(ModelError):
    """A model ranks better than a model without knowledge of the future can."""


class ModelTooNew(ModelError):
    """The model was trained through a later day than the day to score."""


class ModelStoreError(ModelError):
    """A stored model is missing, half written, changed, or made by another version of scikit-learn."""


class NoChampion(ModelError):
    """No stored model was trained through the given day or earlier."""


class UnknownTarget(ModelError):
    """The target or horizon does not exist."""
