"""The true state of the demo's people, for tests and audits. The pipeline never reads it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.ceiling.probability import with_ceiling
from pipelines.demo.config import DemoConfig
from pipelines.demo.exports import crm_exports
from pipelines.demo.world import campaigns
from pipelines.demo.world.history import History
from pipelines.demo.world.labels import dormancy

MONTH_ENDS_WITH_CEILING = 4


def tables(
    history: History, defects: pd.DataFrame, config: DemoConfig, ceiling: bool = True
) -> dict[str, pd.DataFrame]:
    """File name to table: latent rates, person of each record, realised dormancy, campaigns, members, defects.

    `ceiling`: whether the labels have `ceiling_probability` at the last month-ends (null before). The ceiling does not
    model drift.
    """
    return {
        "people.parquet": _people(history.people, history.records),
        "record_person.parquet": record_person(history.records),
        "dormancy_labels.parquet": _dormancy_labels(history, config, ceiling),
        "campaigns.parquet": campaigns.truth(history.members, config),
        "campaign_members.parquet": _members(history.members, config),
        "defects.parquet": defects,
    }


def _people(people: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """People with at least one lead record."""
    columns = ["arrival", "dropout", "z_intent", "z_dropout", "event_rate", "dropout_rate", "budget_tier"]
    truth = people[columns].rename(columns={"arrival": "arrival_day", "dropout": "dropout_day"})
    truth.insert(0, "person_id", _person_ids(np.arange(len(people))))
    return truth.iloc[np.unique(records["person"])]


def record_person(records: pd.DataFrame) -> pd.DataFrame:
    """The person of each lead record: lead_id, person_id."""
    lead_id = crm_exports.lead_ids(np.arange(len(records)))
    return pd.DataFrame({"lead_id": lead_id, "person_id": _person_ids(records["person"].to_numpy())})


def _dormancy_labels(history: History, config: DemoConfig, ceiling: bool) -> pd.DataFrame:
    labels = dormancy(history.events, history.deals, history.people, config)
    if ceiling:
        latest = labels.groupby("horizon_days")["as_of"].transform(
            lambda days: days.isin(np.unique(days)[-MONTH_ENDS_WITH_CEILING:])
        )
        labels["ceiling_probability"] = with_ceiling(labels[latest], history, config)["ceiling_probability"]
    return labels.assign(person_id=_person_ids(labels["person"].to_numpy())).drop(columns="person")


def _members(members: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """The members with both potential outcomes."""
    return pd.DataFrame(
        {
            "campaign": campaigns.codes(config)[members["campaign"]],
            "person_id": _person_ids(members["person"].to_numpy()),
            "arm": np.where(members["treated"], campaigns.TREATED, campaigns.HELD_OUT),
            "returns_if_treated": members["returns_if_treated"],
            "returns_if_held_out": members["returns_if_held_out"],
        }
    )


def _person_ids(positions: np.ndarray) -> np.ndarray:
    return crm_exports.numbered("P", positions, 6)
