"""Plants defects in clean exports and records each defect.

One function per kind of defect, each with its own random stream. A defect has the file, line (header = 1), id of the
row, field, and the text before and after.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Integers
from pipelines.demo.config import DemoConfig
from pipelines.demo.exports import common_dirt
from pipelines.demo.exports.dirty_export import DirtyExport

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
IDEOGRAPHIC_SPACE = chr(0x3000)
AGENCY_RECORDS = (7, 13)
FILES = ("leads.csv", "interactions.csv.gz", "transactions.csv")
PHONE_STYLES: tuple[Callable[[str], str], ...] = (
    lambda digits: f"+86{digits}",
    lambda digits: f"+86 {digits[:3]} {digits[3:7]} {digits[7:]}",
    lambda digits: f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
    lambda digits: f"{digits[:3]} {digits[3:7]} {digits[7:]}",
    lambda digits: f"(+86){digits}",
    lambda digits: digits.translate(FULL_WIDTH),
)
BROKEN_LEADS = (("created_at", "31-02-2025"), ("lead_id", None), ("预算下限", "-300.00"))
BROKEN_INTERACTIONS = (
    ("occurred_at", "2025-02-31 10:00:00"),
    ("lead_id", None),
    ("kind", "walkthrough"),
    ("satisfaction_score", "-1"),
)
BROKEN_TRANSACTIONS = (("amount", "-50000.00"), ("kind", "swap"), ("occurred_at", "31-02-2025"))


def add_dirt(
    leads: pd.DataFrame,
    interactions: pd.DataFrame,
    transactions: pd.DataFrame,
    config: DemoConfig,
    names: tuple[str, str, str] = FILES,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The exports with dirt, and the defects: defect, file, line, row_id, field, original, written."""
    dirty_leads = _add_dirt_to_leads(DirtyExport(names[0], leads, "lead_id", config), transactions["lead_id"])
    late = common_dirt.late_leads(dirty_leads)
    dirty_interactions = _add_dirt_to_interactions(DirtyExport(names[1], interactions, "interaction_id", config), late)
    dirty_transactions = _add_dirt_to_transactions(DirtyExport(names[2], transactions, "transaction_id", config), late)
    exports = (dirty_leads, dirty_interactions, dirty_transactions)
    defects = pd.concat([defect for export in exports for defect in export.defects], ignore_index=True)
    return dirty_leads.rows, dirty_interactions.rows, dirty_transactions.rows, defects


def _add_dirt_to_leads(leads: DirtyExport, with_deals: pd.Series) -> DirtyExport:
    dirt = leads.config.dirt
    # Only leads without a deal are broken, because a deal needs its lead.
    no_deal = ~leads.rows["lead_id"].isin(with_deals).to_numpy()
    common_dirt.blank(leads, common_dirt.LEAD_FIELDS, dirt.missing_lead_field)
    _break(leads, BROKEN_LEADS, dirt.broken_lead, no_deal)
    _share_agency_phones(leads)
    _share_household_phones(leads)
    common_dirt.enter_late(leads, "created_at", dirt.late_lead, np.ones(len(leads.rows), dtype=bool))
    low, high = (leads.rows[field].to_numpy() for field in ("预算下限", "预算上限"))
    rows = leads.choose("reversed_budget", dirt.reversed_budget, low != high)
    leads.spoil("reversed_budget", rows, "预算下限", high[rows])
    leads.spoil("reversed_budget", rows, "预算上限", low[rows])
    yuan = leads.choose("budget_in_yuan", dirt.budget_in_yuan, leads.rows["demand_type"].to_numpy() != "rent")
    for field in ("预算下限", "预算上限"):
        in_yuan = np.array([f"{float(wan) * 10_000:.2f}" for wan in leads.rows[field].to_numpy()[yuan]], dtype=object)
        leads.spoil("budget_in_yuan", yuan, field, in_yuan)
    emails, names = leads.rows["email"], leads.rows["full_name"]
    _rewrite(leads, "upper_case_email", dirt.upper_case_email, "email", emails.notna(), str.upper)
    _rewrite(leads, "full_width_email", dirt.full_width_email, "email", emails.notna(), _to_full_width)
    _rewrite(leads, "spaced_name", dirt.spaced_name, "full_name", names.notna(), _space_name)
    _restyle_phones(leads)
    common_dirt.withhold_phones(leads)
    return leads


def _add_dirt_to_interactions(interactions: DirtyExport, late: pd.Series) -> DirtyExport:
    dirt = interactions.config.dirt
    anywhere = np.ones(len(interactions.rows), dtype=bool)
    common_dirt.blank(interactions, common_dirt.INTERACTION_FIELDS, dirt.missing_interaction_field)
    common_dirt.mistake_answers(interactions)
    _break(interactions, BROKEN_INTERACTIONS, dirt.broken_interaction, anywhere)
    common_dirt.wait_for_leads(interactions, late)
    common_dirt.enter_late(interactions, "occurred_at", dirt.late_interaction, anywhere)
    ahead_of_time = interactions.choose("future_date", dirt.future_interaction, anywhere, at_least=2)
    ahead = interactions.rng("future_date days").integers(30, 900, len(ahead_of_time))
    days = np.datetime_as_string(np.datetime64(interactions.config.last_day, "D") + ahead, unit="D").astype(object)
    interactions.spoil("future_date", ahead_of_time, "occurred_at", days + " 10:00:00")
    strays = interactions.choose("orphan", dirt.orphan_interaction, anywhere, at_least=2)
    copies = interactions.rows.iloc[strays].copy()
    copies["interaction_id"] = [f"X{original[1:]}" for original in copies["interaction_id"]]
    copies["lead_id"] = [f"L9{number:06d}" for number in range(1, len(strays) + 1)]
    interactions.append("orphan", copies, "lead_id", np.full(len(strays), None))
    clean = np.append(anywhere, np.zeros(len(strays), dtype=bool))
    again = interactions.choose("resent", dirt.resent_interaction, clean, at_least=2)
    interactions.append("resent", interactions.rows.iloc[again].copy(), None, np.full(len(again), None))
    return interactions


def _add_dirt_to_transactions(transactions: DirtyExport, late: pd.Series) -> DirtyExport:
    # Only the last steps of deals are broken or late, because other steps refer to the earlier ones.
    named = transactions.rows["related_transaction_id"]
    last_steps = ~transactions.rows["transaction_id"].isin(named).to_numpy()
    _break(transactions, BROKEN_TRANSACTIONS, transactions.config.dirt.broken_transaction, last_steps)
    common_dirt.wait_for_leads(transactions, late)
    common_dirt.enter_late(transactions, "occurred_at", transactions.config.dirt.late_transaction, last_steps)
    return transactions


def _break(export: DirtyExport, faults: tuple[tuple[str, str | None], ...], share: float, eligible: Booleans) -> None:
    """Break the contract in a share of the rows. Each fault (field and text) is used in turn."""
    rows = export.choose("broken", share, eligible, at_least=len(faults))
    rows = export.rng("broken order").permutation(rows)
    for turn, (field, written) in enumerate(faults):
        chosen = np.sort(rows[turn :: len(faults)])
        export.spoil("broken_contract", chosen, field, np.full(len(chosen), written, dtype=object))


def _share_agency_phones(leads: DirtyExport) -> None:
    """An agency writes its own phone number on the records of unrelated customers."""
    rng = leads.rng("agency")
    phones, emails = leads.rows["phone"], leads.rows["email"]
    alone = (phones.notna() & ~phones.duplicated(keep=False) & emails.isna()).to_numpy()
    for _ in range(max(1, round(leads.config.dirt.agency_phones * len(phones)))):
        candidates = np.flatnonzero(alone & leads.clean)
        count = min(int(rng.integers(*AGENCY_RECORDS)), len(candidates))
        rows = np.sort(rng.choice(candidates, count, replace=False))
        leads.spoil("agency_phone", rows, "phone", phones.to_numpy(dtype=object)[rows[:1]].repeat(count))


def _share_household_phones(leads: DirtyExport) -> None:
    """A person enquires with the phone of a family member: two people, two enquiries, one number."""
    phones, emails = leads.rows["phone"], leads.rows["email"]
    alone = (phones.notna() & ~phones.duplicated(keep=False) & emails.isna()).to_numpy()
    rows = leads.choose("household_phone", leads.config.dirt.household_phone, alone)
    others = leads.rng("household_phone of").permutation(np.setdiff1d(np.flatnonzero(alone & leads.clean), rows))
    rows = rows[: len(others)]
    shared = others[: len(rows)]
    leads.spoil("household_phone", rows, "phone", phones.to_numpy(dtype=object)[shared])


def _restyle_phones(leads: DirtyExport) -> None:
    """Write phone numbers in other styles. Rows with other defects are included."""
    rng = leads.rng("odd_phone")
    phones = leads.rows["phone"].to_numpy(dtype=object)
    odd = leads.rows["phone"].notna().to_numpy() & (rng.random(len(phones)) < leads.config.dirt.odd_phone)
    agency = np.isin(np.arange(len(phones)), _rows_with(leads, "agency_phone"))
    rows = np.flatnonzero(odd & ~agency)
    styles = rng.integers(0, len(PHONE_STYLES), len(rows))
    styled = [PHONE_STYLES[style](phones[row]) for row, style in zip(rows, styles, strict=True)]
    leads.spoil("odd_phone", rows, "phone", np.array(styled, dtype=object))


def _rows_with(export: DirtyExport, defect: str) -> Integers:
    lines = [planted["line"].to_numpy() - 2 for planted in export.defects if (planted["defect"] == defect).all()]
    return np.concatenate([np.array([], dtype=np.int64), *lines])


def _rewrite(
    export: DirtyExport, defect: str, share: float, field: str, eligible: pd.Series, rewrite: Callable[[str], str]
) -> None:
    rows = export.choose(defect, share, eligible.to_numpy())
    values = export.rows[field].to_numpy(dtype=object)[rows]
    export.spoil(defect, rows, field, np.array([rewrite(value) for value in values], dtype=object))


def _to_full_width(text: str) -> str:
    return text.translate(FULL_WIDTH)


def _space_name(name: str) -> str:
    return name[:1] + IDEOGRAPHIC_SPACE + name[1:]
