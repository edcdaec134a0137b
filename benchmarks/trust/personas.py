"""Whether customers keep their persona from one day to the next."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from models.mining.persona_features import persona_features
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.mining.personas import kept_personas
from pipelines.mining.read import CUSTOMERS, read


def kept_share(personas: pd.DataFrame) -> float:
    """Return the share of customers without a new event that keep their persona, on the worst day.

    `personas`: customer_key, as_of, persona_id, events (known by the end of the day). Raises ValueError without two
    consecutive days.
    """
    keys = ["customer_key", "as_of"]
    now = personas.assign(as_of=pd.to_datetime(personas["as_of"]))
    before = now.assign(as_of=now["as_of"] + timedelta(days=1))
    pairs = now.merge(before, on=keys, suffixes=("", "_before"))
    quiet = pairs[pairs["events"] <= pairs["events_before"]]
    if quiet.empty:
        raise ValueError("expected personas of two consecutive days, found none")
    return float((quiet["persona_id"] == quiet["persona_id_before"]).groupby(quiet["as_of"]).mean().min())


def read_personas(settings: Settings) -> pd.DataFrame:
    """Return persona and known events of each customer on each day of the last run, by the centres of the ledger."""
    with connect(settings.warehouse, settings, read_only=True) as connection:
        days = [row[0] for row in connection.execute("SELECT as_of FROM scope.as_of_dates ORDER BY 1").fetchall()]
        events = connection.execute(
            "SELECT as_of, customer_key, count(*) AS events FROM ("
            "SELECT as_of, customer_key FROM intermediate.int_interactions__by_as_of UNION ALL "
            "SELECT as_of, customer_key FROM intermediate.int_transactions__by_as_of) GROUP BY ALL"
        ).df()
        assigned = pd.concat([_of_day(settings, read(connection, CUSTOMERS, day), day) for day in days])
    events["as_of"] = pd.to_datetime(events["as_of"])
    assigned = assigned.merge(events, on=["customer_key", "as_of"], how="left")
    return assigned.assign(events=assigned["events"].fillna(0))


def _of_day(settings: Settings, customers: pd.DataFrame, day: date) -> pd.DataFrame:
    personas = kept_personas(settings.ledger, day + timedelta(days=1))
    if personas is None:
        raise ValueError(f"{settings.ledger}: expected the personas of {day}, found none")
    assigned = personas.assign(persona_features(customers))
    return assigned[["persona_id"]].reset_index().assign(as_of=pd.Timestamp(day))
