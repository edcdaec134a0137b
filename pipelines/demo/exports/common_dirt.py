"""Defects that any export can have: late, missing, withheld and wrong entries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans
from pipelines.demo.exports.dirty_export import DirtyExport

LEAD_FIELDS = ("来源渠道", "preferred_district", "preferred_layout", "意向等级", "income_band")
INTERACTION_FIELDS = ("answered", "satisfaction_score", "channel", "agent_id")
LATE = "late_row"
MEAN_DELAY_DAYS = 6.0
MASKS: tuple[Callable[[str], str], ...] = (
    lambda digits: f"{digits[:3]}****{digits[7:]}",
    lambda digits: f"{digits[:3]}******{digits[9:]}",
    lambda digits: f"{digits[:3]}xxxx{digits[7:]}",
    lambda digits: f"{digits[:7]}****",
)
PLACEHOLDERS = (
    *("00000000000", "11111111111", "99999999999", "12345678900", "12345678901", "98765432100", "13800138000"),
    *("13000000000", "18888888888", "12345", "123456", "1234567", "000000", "0000000", "无", "-"),
)
CLOCK = "datetime64[s]"


def enter_late(export: DirtyExport, happened: str, share: float, eligible: Booleans) -> None:
    """Enter rows hours to weeks after the event, on the last day at the latest."""
    end = np.datetime64(export.config.last_day, "D") + 1
    rows = export.choose(LATE, share, eligible)
    when = export.rows[happened].to_numpy()[rows].astype(CLOCK)
    delay = export.rng(f"{LATE} delay").exponential(MEAN_DELAY_DAYS * 86_400, len(rows)).astype("timedelta64[s]")
    entered = np.minimum(when + delay, end - np.timedelta64(1, "s"))
    export.spoil(LATE, rows, "entered_at", _texts(np.maximum(entered, when)))


def late_leads(leads: DirtyExport) -> pd.Series:
    """lead_id to time of entry, of leads that were entered late."""
    planted = [defect for defect in leads.defects if (defect["defect"] == LATE).all()]
    rows = pd.concat(planted) if planted else pd.DataFrame({"row_id": [], "written": []})
    return rows.set_index("row_id")["written"]


def wait_for_leads(export: DirtyExport, late: pd.Series) -> None:
    """Delay rows that would be entered before their lead."""
    floor = export.rows["lead_id"].map(late).to_numpy(dtype=object)
    entered = export.rows["entered_at"].to_numpy(dtype=object)
    early = np.array(
        [after is not None and after == after and now < after for now, after in zip(entered, floor, strict=True)]
    )
    rows = np.flatnonzero(early & export.clean)
    export.spoil(LATE, rows, "entered_at", floor[rows])


def blank(export: DirtyExport, fields: tuple[str, ...], share: float) -> None:
    """Leave fields empty, also in rows with another defect."""
    for field in fields:
        rows = export.choose(f"missing {field}", share, export.rows[field].notna().to_numpy())
        export.spoil("missing_value", rows, field, np.full(len(rows), None), spent=False)


def withhold_phones(leads: DirtyExport) -> None:
    """Mask phones, as other systems do, or replace them by placeholders, as agents type them.

    Only phones of a single record are changed, so that the groups of records of one person stay the same.
    """
    digits = leads.rows["phone"].str.normalize("NFKC").str.replace(r"\D", "", regex=True).str[-11:]
    alone = (digits.notna() & ~digits.duplicated(keep=False)).to_numpy()
    masked = leads.choose("masked_phone", leads.config.dirt.masked_phone, alone, at_least=3)
    masks = leads.rng("masked_phone way").integers(0, len(MASKS), len(masked))
    texts = [MASKS[mask](digits[row]) for mask, row in zip(masks, masked, strict=True)]
    leads.spoil("masked_phone", masked, "phone", np.array(texts, dtype=object))
    typed = leads.choose("placeholder_phone", leads.config.dirt.placeholder_phone, alone, at_least=3)
    texts = leads.rng("placeholder_phone text").choice(np.array(PLACEHOLDERS, dtype=object), len(typed))
    leads.spoil("placeholder_phone", typed, "phone", texts)


def mistake_answers(export: DirtyExport) -> None:
    """Swap answered and unanswered in a share of the rows."""
    answered = export.rows["answered"]
    rows = export.choose("wrong_answer", export.config.dirt.wrong_answer, answered.notna().to_numpy())
    wrong = np.where(answered.to_numpy()[rows] == "true", "false", "true").astype(object)
    export.spoil("wrong_answer", rows, "answered", wrong, spent=False)


def _texts(times: np.ndarray) -> np.ndarray:
    return np.char.replace(np.datetime_as_string(times, unit="s"), "T", " ").astype(object)
