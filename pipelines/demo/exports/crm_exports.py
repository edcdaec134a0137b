"""Leads and interactions as an agency's CRM exports them: text columns, local times, the CRM's headers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.chance import NULL, Floats, Integers, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import campaigns, contacts, market
from pipelines.demo.world.history import History
from pipelines.demo.world.season import to_seconds
from pipelines.demo.world.timeline import COMPLAINT, KINDS

MEDIUM = {
    "call": "phone",
    "message": "wechat",
    "viewing": "in_person",
    "online_viewing": "video",
    "survey": "wechat",
    "referral": "wechat",
    "complaint": "phone",
    "follow_up": "wechat",
    "cancellation": "phone",
}
_pyarrow_compute: Any = pc
"""pyarrow creates most functions of this module at import, so that a type checker does not find them."""

WITHOUT_DIRECTION = ("viewing", "online_viewing", "cancellation")
OCCUPATIONS = ("工程师", "教师", "医生", "公务员", "企业主", "销售", "财务", "设计师", "自由职业")
INDUSTRIES = ("信息技术", "金融", "制造", "教育", "医疗", "贸易", "建筑", "公共服务")
CUSTOMER_KINDS = {"individual": 0.94, "corporate": 0.05, "institutional": 0.01}
INCOME_BANDS = ("low", "middle", "high")
CAMPAIGN_SEASONS = {3: "春季", 4: "春季", 9: "秋季", 10: "秋季"}
CAMPAIGN_SHARE = 0.5
INTENT_LEVELS = ("低", "中", "高")


def clock(t: Floats, config: DemoConfig) -> np.ndarray:
    """Days since the start as local `YYYY-MM-DD HH:MM:SS`; null for NaN and for times after the last day."""
    happens = np.nan_to_num(t, nan=np.inf) < config.days
    stamps = np.datetime64(config.start, "s") + to_seconds(np.where(happens, t, 0))
    texts: np.ndarray = _pyarrow_compute.strftime(pa.array(stamps), format="%Y-%m-%d %H:%M:%S").to_numpy(
        zero_copy_only=False
    )
    return np.where(happens, texts, NULL)


def numbered(prefix: str, positions: Integers, width: int) -> np.ndarray:
    """Ids such as L000001 of positions from 0; null for negative positions."""
    digits: np.ndarray = _pyarrow_compute.utf8_lpad(pc.cast(pa.array(positions + 1), pa.string()), width, "0").to_numpy(
        zero_copy_only=False
    )
    return np.where(positions >= 0, prefix + digits.astype(object), NULL)


def lead_ids(positions: Integers) -> np.ndarray:
    return numbered("L", positions, 6)


def property_ids(positions: Integers) -> np.ndarray:
    return numbered("H", positions, 5)


def leads(records: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: lead record, as on the day of the enquiry."""
    rng = stream(config.seed, "leads")
    size, who = len(records), people.iloc[records["person"]].reset_index(drop=True)
    rents = (who["demand"] == market.RENT).to_numpy()
    unit = np.where(rents, 100.0, 10_000.0)
    budget = who["budget"].to_numpy()
    low = np.floor(budget * rng.uniform(0.80, 0.95, size) / unit) * unit
    high = np.ceil(budget * rng.uniform(1.05, 1.25, size) / unit) * unit
    area = market.LAYOUT_AREA[who["layout"]]
    project = pd.Series([project.name for project in market.PROJECTS], dtype=object)
    district = pd.Series([project.district for project in market.PROJECTS], dtype=object)
    band = np.clip(who["budget_tier"].to_numpy() + rng.integers(-1, 2, size), 0, 2)
    return pd.DataFrame(
        {
            "lead_id": lead_ids(np.arange(size)),
            "created_at": clock(records["created"].to_numpy(), config),
            "entered_at": clock(records["created"].to_numpy(), config),
            **records[["full_name", "phone", "email"]].reset_index(drop=True),
            "customer_kind": rng.choice(list(CUSTOMER_KINDS), size, p=list(CUSTOMER_KINDS.values())),
            "来源渠道": np.array([channel.label for channel in market.CHANNELS])[records["channel"]],
            "campaign": _campaigns(rng, records, config),
            "demand_type": np.array([demand.code for demand in market.DEMANDS])[who["demand"]],
            "purpose": who["purpose"].to_numpy(),
            "预算下限": _wan(low),
            "预算上限": _wan(high),
            "preferred_district": _sometimes(rng, district.to_numpy()[who["project"]], 0.9),
            "preferred_layout": _sometimes(rng, np.array([n for n, *_ in market.LAYOUTS])[who["layout"]], 0.85),
            "area_min": np.floor(area * 0.9).astype(int).astype(str),
            "area_max": np.ceil(area * 1.1).astype(int).astype(str),
            "意向等级": np.array([*INTENT_LEVELS, None], dtype=object)[records["stated"]],
            "status": "new",
            "agent_id": staff["agent_id"].to_numpy()[records["agent"]],
            "project": project.to_numpy()[who["project"]],
            "referred_by": lead_ids(records["referred_by"].to_numpy()),
            "marketing_consent": np.where(rng.random(size) < 0.82, "是", "否"),
            "occupation": _sometimes(rng, rng.choice(OCCUPATIONS, size), 0.7),
            "industry": _sometimes(rng, rng.choice(INDUSTRIES, size), 0.6),
            "income_band": _sometimes(rng, np.array(INCOME_BANDS)[band], 0.55),
        }
    )


def _campaigns(rng: np.random.Generator, records: pd.DataFrame, config: DemoConfig) -> np.ndarray:
    days = np.datetime64(config.start, "D") + records["created"].to_numpy().astype(int)
    months = days.astype("datetime64[M]").astype(int)
    season = np.array([CAMPAIGN_SEASONS.get(month) for month in range(1, 13)], dtype=object)[months % 12]
    runs = np.not_equal(season, NULL) & (rng.random(len(records)) < CAMPAIGN_SHARE)
    years = (1970 + months // 12).astype(str).astype(object)
    return np.where(runs, years + np.where(runs, season, "") + "推广", NULL)


def _sometimes(rng: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    return np.where(rng.random(len(values)) < share, values.astype(object), NULL)


def _wan(amount: Floats) -> np.ndarray:
    """CNY as text in 万 with two decimals."""
    return np.char.mod("%.2f", amount / 10_000).astype(object)


def money(amount: Floats) -> np.ndarray:
    """CNY as text with two decimals; null for NaN."""
    return np.where(np.isnan(amount), NULL, np.char.mod("%.2f", amount).astype(object))


def interactions(history: History, config: DemoConfig) -> pd.DataFrame:
    """Row: interaction of a customer or an agent, in order of time."""
    events = history.events
    incoming = events.assign(
        kind=np.array(KINDS, dtype=object)[events["kind"]], direction="in", complaint=events["kind"] == COMPLAINT
    )
    parts = (incoming, history.outgoing.assign(direction="out"), history.cancelled, _campaign_rows(history, config))
    rows = pd.concat([frame.assign(part=part) for part, frame in enumerate(parts)], ignore_index=True)
    rows = rows.sort_values(["t", "part", "record"], kind="stable").reset_index(drop=True)
    kind = rows["kind"].to_numpy(dtype=object)
    complaint = rows["complaint"].eq(True).to_numpy()
    category, resolved = np.full(len(rows), None, dtype=object), np.full(len(rows), np.nan)
    category[complaint], wait = contacts.complaint_details(int(complaint.sum()), config)
    resolved[complaint] = rows["t"].to_numpy()[complaint] + wait
    direction = rows["direction"].to_numpy(dtype=object)
    held_out = rows["arm"].eq(campaigns.HELD_OUT).to_numpy()
    return pd.DataFrame(
        {
            "interaction_id": numbered("I", np.arange(len(rows)), 7),
            "lead_id": lead_ids(rows["record"].to_numpy()),
            "occurred_at": clock(rows["t"].to_numpy(), config),
            "entered_at": clock(rows["t"].to_numpy(), config),
            "kind": kind,
            "direction": np.where(np.isin(kind.astype(str), WITHOUT_DIRECTION) | held_out, NULL, direction),
            "answered": rows["answered"].map({True: "true", False: "false"}).to_numpy(dtype=object),
            "channel": np.where(held_out, NULL, _medium(kind, history.records["channel"].to_numpy()[rows["record"]])),
            "agent_id": history.staff["agent_id"].to_numpy(dtype=object)[rows["agent"]],
            "topic": np.where(held_out, NULL, contacts.topics(len(rows), config)),
            "complaint_category": category,
            "satisfaction_score": rows["score"].map({score: str(score) for score in range(1, 6)}).to_numpy(object),
            "property_id": property_ids(rows["listing"].fillna(-1).to_numpy().astype(np.int64)),
            "resolved_at": clock(resolved, config),
            "campaign": rows["campaign"].to_numpy(dtype=object),
            "arm": rows["arm"].to_numpy(dtype=object),
        }
    )


def _campaign_rows(history: History, config: DemoConfig) -> pd.DataFrame:
    """Interactions of campaigns: a contact for treated members, a note for the hold-out."""
    members, treated = history.members, history.members["treated"].to_numpy()
    action = np.array([campaign.action for campaign in config.campaigns], dtype=object)[members["campaign"]]
    return members[["person", "record", "agent", "t", "answered"]].assign(
        kind=np.where(treated, action, "follow_up"),
        direction=np.where(treated, "out", NULL),
        campaign=campaigns.codes(config)[members["campaign"]],
        arm=np.where(treated, campaigns.TREATED, campaigns.HELD_OUT),
    )


def _medium(kind: np.ndarray, lead_channel: Integers) -> np.ndarray:
    """The medium of an interaction. An enquiry has the medium of the channel of its record."""
    online = np.array([channel.code.startswith("online/") for channel in market.CHANNELS])[lead_channel]
    usual = pd.Series(kind).map(MEDIUM).to_numpy(dtype=object)
    return np.where(kind == "enquiry", np.where(online, "web", "in_person"), usual)
