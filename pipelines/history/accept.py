"""Accepting what the last run has found."""

from __future__ import annotations

from datetime import date

from pipelines.errors import TierhouseError
from pipelines.history.messages import find_checks
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.ledger.acceptances import Acceptance, accept


class AcceptanceRefused(TierhouseError):
    """What was asked to be accepted is not what the last run found."""


def accept_change(settings: Settings, check: str, accepted_from: date | None, reason: str) -> Acceptance:
    """Write down that a check, or all below a path, shows a real change from a day on; None: the first that it names.

    Raises AcceptanceRefused without a reason, and where the last run found nothing there.
    """
    if not reason.strip():
        raise AcceptanceRefused("expected a reason, for the next reader; found none")
    if not settings.warehouse.exists():
        raise AcceptanceRefused("nothing was graded yet, so nothing is unusual")
    with connect(settings.warehouse, settings, read_only=True) as connection:
        found = find_checks(connection)
    path = check.strip("/")
    below = [one for one in found if f"{one.path}/".startswith(f"{path}/")]
    if not below:
        paths = ", ".join(dict.fromkeys(one.path for one in found)) or "nothing"
        raise AcceptanceRefused(f"expected a check that is unusual in the last run, found {check!r}; unusual: {paths}")
    return accept(settings, path, accepted_from or min(one.as_of for one in below), reason)
