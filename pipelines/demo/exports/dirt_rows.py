"""Dirt that any export may have: what was entered late, left empty, withheld, or ticked wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans
from pipelines.demo.exports.soiled import Soiled

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
    "00000000000", "11111111111", "99999999999", "12345678900", "12345678901", "98765432100", "13800138000",
    "13000000000", "18888888888", "12345", "123456", "1234567", "000000", "0000000", "无", "-",
)  # fmt: skip
CLOCK = "datetime64[s]"


def enter_late(export: Soiled, happened: str, share: float, eligible: Booleans) -> None:
    """Somebody types the row in hours to weeks after the fact, by the last day at the latest."""
    end = np.datetime64(export.config.last_day, "D") + 1
    rows = export.choose(LATE, share, eligible)
    when = export.rows[happened].to_numpy()[rows].astype(CLOCK)
    delay = export.rng(f"{LATE} delay").exponential(MEAN_DELAY_DAYS * 86_400, len(rows)).astype("timedelta64[s]")
    entered = np.minimum(when + delay, end - np.timedelta64(1, "s"))
    export.spoil(LATE, rows, "entered_at", _texts(np.maximum(entered, when)))


def late_leads(leads: Soiled) -> pd.Series:
    """lead_id -> time of entry, of those entered late."""
    planted = [defect for defect in leads.defects if (defect["defect"] == LATE).all()]
    rows = pd.concat(planted) if planted else pd.DataFrame({"row_id": [], "written": []})
    return rows.set_index("row_id")["written"]


def wait_for_leads(export: Soiled, late: pd.Series) -> None:
    """No row can be entered before the lead it belongs to."""
    floor = export.rows["lead_id"].map(late).to_numpy(dtype=object)
    entered = export.rows["entered_at"].to_numpy(dtype=object)
    early = np.array(
        [after is not None and after == after and now < after for now, after in zip(entered, floor, strict=True)]
    )
    rows = np.flatnonzero(early & export.clean)
    export.spoil(LATE, rows, "entered_at", floor[rows])


def blank(export: Soiled, fields: tuple[str, ...], share: float) -> None:
    """Nobody filled the field in. A row with another defect may miss a field too."""
    for field in fields:
        rows = export.choose(f"missing {field}", share, export.rows[field].notna().to_numpy())
        export.spoil("missing_value", rows, field, np.full(len(rows), None), spent=False)


def withhold_phones(leads: Soiled) -> None:
    """The phone is masked by another system, or the agent types something where the customer gave none.

    Only records that share their phone with no other lose it, so that the records of one person stay the same ones.
    """
    digits = leads.rows["phone"].str.normalize("NFKC").str.replace(r"\D", "", regex=True).str[-11:]
    alone = (digits.notna() & ~digits.duplicated(keep=False)).to_numpy()
    masked = leads.choose("masked_phone", leads.config.dirt.masked_phone, alone, at_least=3)
    ways = leads.rng("masked_phone way").integers(0, len(MASKS), len(masked))
    hidden = [MASKS[way](digits[row]) for way, row in zip(ways, masked, strict=True)]
    leads.spoil("masked_phone", masked, "phone", np.array(hidden, dtype=object))
    typed = leads.choose("placeholder_phone", leads.config.dirt.placeholder_phone, alone, at_least=3)
    texts = leads.rng("placeholder_phone text").choice(np.array(PLACEHOLDERS, dtype=object), len(typed))
    leads.spoil("placeholder_phone", typed, "phone", texts)


def mistake_answers(export: Soiled) -> None:
    """The agent ticks the wrong box: answered for unanswered, or the other way round."""
    answered = export.rows["answered"]
    rows = export.choose("wrong_answer", export.config.dirt.wrong_answer, answered.notna().to_numpy())
    wrong = np.where(answered.to_numpy()[rows] == "true", "false", "true").astype(object)
    export.spoil("wrong_answer", rows, "answered", wrong, spent=False)


def _texts(times: np.ndarray) -> np.ndarray:
    return np.char.replace(np.datetime_as_string(times, unit="s"), "T", " ").astype(object)
