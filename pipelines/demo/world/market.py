"""The market without customers: channels, demand, projects and agents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from faker.providers.person.zh_CN import Provider as ChineseNames

from pipelines.demo.chance import Integers, stream
from pipelines.demo.config import DemoConfig

LEADS_PER_AGENT = 400


@dataclass(frozen=True)
class Channel:
    """A channel. `intent` and `dropout`: shifts of the log rates of its customers. `cost_per_lead`: CNY."""

    code: str
    label: str
    share: float
    intent: float
    dropout: float
    cost_per_lead: float


CHANNELS = (
    Channel("online/website", "官网", 0.12, 0.05, 0.00, 180),
    Channel("online/social_media", "社交媒体", 0.18, -0.10, 0.20, 90),
    Channel("online/search", "搜索引擎", 0.14, 0.05, 0.00, 160),
    Channel("online/portal", "房产平台", 0.20, -0.05, 0.10, 140),
    Channel("offline/walk_in", "自然到访", 0.14, 0.25, -0.25, 60),
    Channel("offline/exhibition", "房展会", 0.07, -0.05, 0.10, 320),
    Channel("offline/ground_promotion", "地推", 0.08, -0.25, 0.35, 110),
    Channel("offline/store", "门店", 0.07, 0.15, -0.20, 80),
)


@dataclass(frozen=True)
class Demand:
    """A kind of demand. `purposes`: name to share. `intent` and `dropout`: as in Channel."""

    code: str
    share: float
    intent: float
    dropout: float
    purposes: dict[str, float]


DEMANDS = (
    Demand("buy", 0.60, 0.00, 0.00, {"first_home": 0.5, "own_use": 0.3, "improvement": 0.2}),
    Demand("rent", 0.22, 0.20, 0.45, {"own_use": 1.0}),
    Demand("invest", 0.08, -0.10, 0.10, {"investment": 1.0}),
    Demand("exchange", 0.10, -0.05, -0.20, {"improvement": 0.8, "own_use": 0.2}),
)
RENT = next(code for code, demand in enumerate(DEMANDS) if demand.code == "rent")


@dataclass(frozen=True)
class Project:
    """A housing project. `price`: CNY per square metre, for sale."""

    name: str
    district: str
    price: int


PROJECTS = (
    Project("云栖雅苑", "浦东新区", 82_000),
    Project("江畔华庭", "浦东新区", 118_000),
    Project("虹桥新城", "闵行区", 68_000),
    Project("梅陇家园", "闵行区", 57_000),
    Project("衡山名邸", "徐汇区", 142_000),
    Project("静安里", "静安区", 128_000),
    Project("五角场公馆", "杨浦区", 86_000),
    Project("顾村花园", "宝山区", 43_000),
    Project("安亭小镇", "嘉定区", 32_000),
    Project("嘉定新城", "嘉定区", 38_000),
    Project("九亭时光", "松江区", 41_000),
    Project("松江大学城", "松江区", 34_000),
)
PROJECT_PRICE = np.array([project.price for project in PROJECTS], dtype=float)
MONTHLY_RENT_PER_PRICE = 0.0014

LAYOUTS = (("一室", 48.0, 0.18), ("两室", 82.0, 0.42), ("三室", 112.0, 0.30), ("四室", 152.0, 0.10))
LAYOUT_AREA = np.array([area for _, area, _ in LAYOUTS])

SURNAMES = tuple(ChineseNames.last_names)
GIVEN_NAMES = tuple(ChineseNames.first_names)


def full_names(rng: np.random.Generator, size: int) -> np.ndarray:
    """Chinese names of Faker's surnames and given names. Much faster than one call of Faker per name."""
    surnames = np.array(SURNAMES)[(rng.beta(1, 6, size) * len(SURNAMES)).astype(int)]
    return surnames.astype(object) + rng.choice(np.array(GIVEN_NAMES, dtype=object), size)


def agents(config: DemoConfig) -> pd.DataFrame:
    """Row: agent. Latent: `skill` (standard normal), `diligence` (outgoing contacts relative to the mean)."""
    rng = stream(config.seed, "agents")
    size = max(6, round(config.leads / LEADS_PER_AGENT))
    hired = np.datetime64(config.start, "D") - rng.integers(30, 2500, size)
    return pd.DataFrame(
        {
            "agent_id": [f"A{number:03d}" for number in range(1, size + 1)],
            "name": full_names(rng, size),
            "team": [f"{chr(ord('A') + number // 8)}组" for number in range(size)],
            "capacity_per_day": rng.integers(12, 36, size),
            "hired_on": hired,
            "skill": rng.standard_normal(size),
            "diligence": rng.gamma(9, 1 / 9, size),
        }
    )


def assign_agents(rng: np.random.Generator, staff: pd.DataFrame, size: int) -> Integers:
    """Draw positions in `staff`, in proportion to capacity."""
    capacity = staff["capacity_per_day"].to_numpy(dtype=float)
    return rng.choice(len(staff), size, p=capacity / capacity.sum())
