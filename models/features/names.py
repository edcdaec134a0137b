"""Names of coded values, in English and in Chinese. A text that a source wrote itself stays as it is."""

from __future__ import annotations

from collections.abc import Mapping

Name = tuple[str, str]

_LEVELS: Mapping[str, Name] = {"high": ("high", "高"), "middle": ("middle", "中"), "low": ("low", "低")}
_CHANNELS: Mapping[str, Name] = {
    "online/website": ("website", "官网"),
    "online/social_media": ("social media", "社交媒体"),
    "online/search": ("search engine", "搜索引擎"),
    "online/portal": ("property portal", "房产平台"),
    "offline/walk_in": ("walk-in", "自然到访"),
    "offline/exhibition": ("exhibition", "房展会"),
    "offline/ground_promotion": ("ground promotion", "地推"),
    "offline/store": ("store", "门店"),
    "offline/referral": ("referral", "转介绍"),
}
"""The channels of `published_texts.csv`."""
_DEMANDS: Mapping[str, Name] = {
    "buy": ("buy", "购房"),
    "rent": ("rent", "租房"),
    "invest": ("invest", "投资"),
    "exchange": ("trade up", "置换"),
}
_PURPOSES: Mapping[str, Name] = {
    "first_home": ("first home", "首套刚需"),
    "own_use": ("own use", "自住"),
    "improvement": ("improvement", "改善"),
    "investment": ("investment", "投资"),
}

NAMES: Mapping[str, Mapping[str, Name]] = {
    "first_channel": _CHANNELS,
    "demand_type": _DEMANDS,
    "purpose": _PURPOSES,
    "stated_intent": _LEVELS,
    "price_tier": _LEVELS,
    "budget_tier": _LEVELS,
}
"""Column → code → name. A test compares the names of demand types and purposes with `profile_labels.csv`."""

_WORDS: Mapping[str, Name] = {
    "(none)": ("not known", "未知"),
    "(masked)": ("other", "其他"),
}


def name_of(column: str, value: str) -> Name:
    """Return the name of a value in both languages; a text without a name twice."""
    return NAMES.get(column, {}).get(value) or _WORDS.get(value) or (value, value)
