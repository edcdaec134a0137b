"""The dirtying pass: spoils clean exports, and keeps a record of every defect it plants.

One function per kind of defect, each with its own stream. A defect names file, line (header = 1), the row's id, the
field, and the text before and after.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Integers, stream
from pipelines.demo.config import DemoConfig

FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
IDEOGRAPHIC_SPACE = chr(0x3000)
AGENCY_RECORDS = (7, 13)
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
    ("occurred_at", "2025-02-31 10:00:00"), ("lead_id", None), ("kind", "walkthrough"), ("satisfaction_score", "-1"),
)  # fmt: skip
BROKEN_TRANSACTIONS = (("amount", "-50000.00"), ("kind", "swap"), ("occurred_at", "31-02-2025"))


class Soiled:
    """One export under the brush: its rows, which of them still are clean, and the defects planted so far."""

    def __init__(self, name: str, rows: pd.DataFrame, key: str, config: DemoConfig) -> None:
        self.name, self.rows, self.key, self.config = name, rows.astype(object), key, config
        self.clean = np.ones(len(rows), dtype=bool)
        self.ids = rows[key].to_numpy(dtype=object)
        self.defects: list[pd.DataFrame] = []

    def rng(self, defect: str) -> np.random.Generator:
        return stream(self.config.seed, f"dirt {self.name} {defect}")

    def choose(self, defect: str, share: float, eligible: Booleans, at_least: int = 1) -> Integers:
        """Positions of clean eligible rows: so large a share of all rows, but `at_least` so many if there are."""
        candidates = np.flatnonzero(eligible & self.clean)
        wanted = min(max(at_least, round(share * len(self.rows))), len(candidates))
        return np.sort(self.rng(defect).choice(candidates, wanted, replace=False))

    def spoil(self, defect: str, rows: Integers, field: str, written: np.ndarray) -> None:
        """Overwrite one field of these rows, and remember."""
        values = self.rows[field].to_numpy(dtype=object, copy=True)
        self._remember(defect, rows, field, values[rows], written)
        values[rows] = written
        self.rows[field] = values
        self.clean[rows] = False

    def append(self, defect: str, copies: pd.DataFrame, field: str | None, originals: np.ndarray) -> None:
        """Put rows at the end of the file, and remember."""
        self.rows = pd.concat([self.rows, copies], ignore_index=True)
        self.ids = np.concatenate([self.ids, copies[self.key].to_numpy(dtype=object)])
        self.clean = np.concatenate([self.clean, np.zeros(len(copies), dtype=bool)])
        added = np.arange(len(self.rows) - len(copies), len(self.rows))
        written = copies[field].to_numpy(dtype=object) if field else np.full(len(copies), None)
        self._remember(defect, added, field, originals, written)

    def _remember(self, defect: str, rows: Integers, field: str | None, before: np.ndarray, after: np.ndarray) -> None:
        columns = {"line": rows + 2, "row_id": self.ids[rows], "field": field, "original": before, "written": after}
        self.defects.append(pd.DataFrame({"defect": defect, "file": self.name} | columns))


def soil(
    leads: pd.DataFrame, interactions: pd.DataFrame, transactions: pd.DataFrame, config: DemoConfig
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The three exports with dirt, and the defects: defect, file, line, row_id, field, original, written."""
    parts = (
        _soil_leads(Soiled("leads.csv", leads, "lead_id", config), transactions["lead_id"]),
        _soil_interactions(Soiled("interactions.csv.gz", interactions, "interaction_id", config)),
        _soil_transactions(Soiled("transactions.csv", transactions, "transaction_id", config)),
    )
    defects = pd.concat([defect for part in parts for defect in part.defects], ignore_index=True)
    return (*(part.rows for part in parts), defects)


def _soil_leads(leads: Soiled, with_deals: pd.Series) -> Soiled:
    dirt = leads.config.dirt
    # A lost lead would orphan a deal: the broken ones are of those who never bought.
    no_deal = ~leads.rows["lead_id"].isin(with_deals).to_numpy()
    _break(leads, BROKEN_LEADS, dirt.broken_lead, no_deal)
    _share_agency_phones(leads)
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
    return leads


def _soil_interactions(interactions: Soiled) -> Soiled:
    dirt = interactions.config.dirt
    rows, anywhere = interactions.rows, np.ones(len(interactions.rows), dtype=bool)
    _break(interactions, BROKEN_INTERACTIONS, dirt.broken_interaction, anywhere)
    late = interactions.choose("future_date", dirt.future_interaction, anywhere, at_least=2)
    ahead = interactions.rng("future_date days").integers(30, 900, len(late))
    days = np.datetime_as_string(np.datetime64(interactions.config.last_day, "D") + ahead, unit="D").astype(object)
    interactions.spoil("future_date", late, "occurred_at", days + " 10:00:00")
    strays = interactions.choose("orphan", dirt.orphan_interaction, anywhere, at_least=2)
    copies = rows.iloc[strays].copy()
    copies["interaction_id"] = [f"X{number:06d}" for number in range(1, len(strays) + 1)]
    copies["lead_id"] = [f"L9{number:06d}" for number in range(1, len(strays) + 1)]
    interactions.append("orphan", copies, "lead_id", np.full(len(strays), None))
    clean = np.append(anywhere, np.zeros(len(strays), dtype=bool))
    again = interactions.choose("resent", dirt.resent_interaction, clean, at_least=2)
    interactions.append("resent", interactions.rows.iloc[again].copy(), None, np.full(len(again), None))
    return interactions


def _soil_transactions(transactions: Soiled) -> Soiled:
    # A broken step that others name would cut their chain: only the last steps of deals break.
    named = transactions.rows["related_transaction_id"]
    last_steps = ~transactions.rows["transaction_id"].isin(named).to_numpy()
    _break(transactions, BROKEN_TRANSACTIONS, transactions.config.dirt.broken_transaction, last_steps)
    return transactions


def _break(export: Soiled, ways: tuple[tuple[str, str | None], ...], share: float, eligible: Booleans) -> None:
    """Rows that break the contract, each way in turn."""
    rows = export.choose("broken", share, eligible, at_least=len(ways))
    rows = export.rng("broken order").permutation(rows)
    for turn, (field, written) in enumerate(ways):
        chosen = np.sort(rows[turn :: len(ways)])
        export.spoil("broken_contract", chosen, field, np.full(len(chosen), written, dtype=object))


def _share_agency_phones(leads: Soiled) -> None:
    """An agency writes its own number on the records of customers who have nothing to do with each other."""
    rng = leads.rng("agency")
    phones, emails = leads.rows["phone"], leads.rows["email"]
    alone = (phones.notna() & ~phones.duplicated(keep=False) & emails.isna()).to_numpy()
    for _ in range(max(1, round(leads.config.dirt.agency_phones * len(phones)))):
        count = int(rng.integers(*AGENCY_RECORDS))
        candidates = np.flatnonzero(alone & leads.clean)
        rows = np.sort(rng.choice(candidates, count, replace=False))
        leads.spoil("agency_phone", rows, "phone", np.full(count, phones.to_numpy()[rows[0]], dtype=object))


def _restyle_phones(leads: Soiled) -> None:
    """The same number, written in many ways; rows with other defects too, so nothing here asks for a clean row."""
    rng = leads.rng("odd_phone")
    phones = leads.rows["phone"].to_numpy(dtype=object)
    odd = leads.rows["phone"].notna().to_numpy() & (rng.random(len(phones)) < leads.config.dirt.odd_phone)
    agency = np.isin(np.arange(len(phones)), _rows_with(leads, "agency_phone"))
    rows = np.flatnonzero(odd & ~agency)
    styles = rng.integers(0, len(PHONE_STYLES), len(rows))
    styled = [PHONE_STYLES[style](phones[row]) for row, style in zip(rows, styles, strict=True)]
    leads.spoil("odd_phone", rows, "phone", np.array(styled, dtype=object))


def _rows_with(export: Soiled, defect: str) -> Integers:
    lines = [planted["line"].to_numpy() - 2 for planted in export.defects if (planted["defect"] == defect).all()]
    return np.concatenate([np.array([], dtype=np.int64), *lines])


def _rewrite(
    export: Soiled, defect: str, share: float, field: str, eligible: pd.Series, how: Callable[[str], str]
) -> None:
    rows = export.choose(defect, share, eligible.to_numpy())
    values = export.rows[field].to_numpy(dtype=object)[rows]
    export.spoil(defect, rows, field, np.array([how(value) for value in values], dtype=object))


def _to_full_width(text: str) -> str:
    return text.translate(FULL_WIDTH)


def _space_name(name: str) -> str:
    return name[:1] + IDEOGRAPHIC_SPACE + name[1:]
