"""Personas of a day: the centres of the ledger, or new centres if a fit is due."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from models import SEED
from models.mining.choose_k import STABLE
from models.mining.outliers import Density
from models.mining.persona_features import persona_features
from models.mining.persona_profiles import name_personas, profiles
from models.mining.personas import ENOUGH_CUSTOMERS, REFIT_AFTER_DAYS, Personas, fit_personas
from pipelines.ledger.personas import latest_centres
from pipelines.mining.read import CUSTOMERS, read_batches
from pipelines.mining.tables import REPORT, append_rows, availability, write_table

SIZES = """
SELECT persona_id, count(*) AS customers, count(*) FILTER (is_outlier) AS outliers
FROM mining.customer_segments
GROUP BY persona_id
"""


def kept_personas(ledger: Path, as_of: date) -> Personas | None:
    """Return the personas of the latest day before `as_of` in the ledger; None if there is none."""
    centres = latest_centres(ledger, as_of)
    return None if centres is None else Personas.from_rows(centres)


def personas_of(
    kept: Personas | None, as_of: date, customers: pd.DataFrame, next_day: date | None = None
) -> Personas | None:
    """Return the kept personas, or new personas if a fit is due. Returns None below ENOUGH_CUSTOMERS.

    `next_day`: the next day of the run, if any. If it is due for a fit of its own, `as_of` keeps what there is: no day
    would use a fit on `as_of`.
    """
    if len(customers) < ENOUGH_CUSTOMERS:
        return None
    if kept is not None and not kept.is_due(as_of):
        return kept
    if next_day is not None and (next_day - as_of).days >= REFIT_AFTER_DAYS:
        return kept
    features = persona_features(customers)
    fitted = fit_personas(features, as_of, SEED, kept)
    table = profiles(customers, fitted.assign(features)["persona_id"], fitted.names)
    return dataclasses.replace(fitted, names=name_personas(table))


def write_segments(
    connection: duckdb.DuckDBPyConnection, day: date, sample: pd.DataFrame, personas: Personas
) -> pd.DataFrame:
    """Write `mining.customer_segments`, batch by batch, and `mining.segment_profiles`. Returns customers by persona.

    Outliers are found by their distance from the sample, and measures are those of the sample. Numbers of customers
    and shares are those of all customers. Columns of the result: persona_id, customers, outliers.
    """
    features = persona_features(sample)
    density = Density.learn(personas.scale.apply(features), SEED)
    write_table(connection, "customer_segments", pd.DataFrame())
    for batch in read_batches(connection, CUSTOMERS, day):
        rows = persona_features(batch)
        members = personas.assign(rows).join(personas.names, on="persona_id").reset_index()
        members["is_outlier"] = density.outliers(personas.scale.apply(rows))
        append_rows(connection, "customer_segments", members.assign(as_of=pd.Timestamp(day)))
    sizes = connection.execute(SIZES).df()
    described = profiles(sample, personas.assign(features)["persona_id"], personas.names)
    customers = described["persona_id"].map(sizes.set_index("persona_id")["customers"]).fillna(0).astype("int64")
    described = described.assign(
        customers=customers,
        share=customers / sizes["customers"].sum(),
        fitted_on=personas.fitted_on,
        as_of=pd.Timestamp(day),
    )
    write_table(connection, "segment_profiles", described)
    return sizes


def report(personas: Personas) -> pd.DataFrame:
    """Return the evidence by k as rows of the mining report. The note marks the chosen k."""
    rows = []
    for row in personas.evidence.itertuples():
        note = "chosen" if row.chosen else None
        for metric in ("silhouette", "stability", "smallest_share"):
            value = float(getattr(row, metric))
            bar = STABLE if metric == "stability" else None
            rows.append(
                {
                    "topic": "personas",
                    "subject": f"k={row.k}",
                    "metric": metric,
                    "value": value,
                    "bar": bar,
                    "passed": None if bar is None else value >= bar,
                    "note": note,
                }
            )
    figures = pd.DataFrame(rows, columns=[name for name in REPORT if name != "as_of"], dtype=object)
    return pd.concat([availability("personas", None).astype(object), figures], ignore_index=True)
