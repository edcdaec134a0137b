"""Accepts an unusual change of the last run as a real change."""

from __future__ import annotations

from datetime import date

from pipelines.errors import TierhouseError
from pipelines.history.messages import find_checks
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.ledger.acceptances import Acceptance, accept


class AcceptanceRefused(TierhouseError):
    """The last run found nothing unusual there, or the reason is missing."""


def accept_change(settings: Settings, check: str, accepted_from: date | None, reason: str) -> Acceptance:
    """Record that a check, or all checks below a path, show a real change.

    `accepted_from`: first day of the change; None for the first day with a finding. Raises AcceptanceRefused if the
    reason is empty or the last run found nothing unusual at the path.
    """
    if not reason.strip():
        raise AcceptanceRefused("expected a reason, found none")
    if not settings.warehouse.exists():
        raise AcceptanceRefused("expected a run that found something unusual, but this home was never graded")
    with connect(settings.warehouse, settings, read_only=True) as connection:
        checks = find_checks(connection)
    path = check.strip("/")
    accepted = [one for one in checks if f"{one.path}/".startswith(f"{path}/")]
    if not accepted:
        paths = ", ".join(dict.fromkeys(one.path for one in checks)) or "nothing"
        raise AcceptanceRefused(f"expected a check that is unusual in the last run, found {check!r}; unusual: {paths}")
    return accept(settings, path, accepted_from or min(one.as_of for one in accepted), reason)
