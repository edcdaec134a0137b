"""The currency of amounts whose rows name none: by the signs and words beside them, else by the time zone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipelines.ingest.draft.meaning import Meanings
from pipelines.rules.currencies import ISO_CURRENCIES, SYNONYMS

MONEY = (
    "amount",
    "unit_price",
    "commission",
    "list_price",
    "subscription_amount",
    "signed_amount",
    "budget",
    "budget_min",
    "budget_max",
)
SIGNS = {
    sign: code for sign, code in SYNONYMS.items() if sign not in ("元", "￥", "¥") and not re.fullmatch("[A-Z]+", sign)
}
"""Signs of one currency: yuan and yen share the others."""

CODES = {code: code for code in ISO_CURRENCIES} | {
    name: code for name, code in SYNONYMS.items() if re.fullmatch("[A-Z]+", name)
}
ENGLISH_WORDS = {"ALL", "BAM", "BOB", "COP", "CUP", "GEL", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"}
"""Codes that are words: in the name of a column they are a currency in brackets only."""

ZONES = {
    "Asia/Shanghai": "CNY", "Asia/Chongqing": "CNY", "Asia/Urumqi": "CNY", "Asia/Hong_Kong": "HKD",
    "Asia/Macau": "MOP", "Asia/Taipei": "TWD", "Asia/Singapore": "SGD", "Asia/Kuala_Lumpur": "MYR",
    "Asia/Bangkok": "THB", "Asia/Tokyo": "JPY", "Asia/Seoul": "KRW", "Asia/Kolkata": "INR", "Asia/Dubai": "AED",
    "Asia/Riyadh": "SAR", "Europe/London": "GBP", "Europe/Berlin": "EUR", "Europe/Paris": "EUR",
    "Europe/Madrid": "EUR", "Europe/Rome": "EUR", "Europe/Amsterdam": "EUR", "Europe/Vienna": "EUR",
    "Europe/Lisbon": "EUR", "Europe/Dublin": "EUR", "Europe/Athens": "EUR", "Europe/Zurich": "CHF",
    "America/New_York": "USD", "America/Chicago": "USD", "America/Denver": "USD", "America/Los_Angeles": "USD",
    "America/Phoenix": "USD", "America/Toronto": "CAD", "America/Sao_Paulo": "BRL", "Australia/Sydney": "AUD",
    "Australia/Melbourne": "AUD", "Australia/Brisbane": "AUD", "Pacific/Auckland": "NZD",
}  # fmt: skip
_ANY = "|".join(sorted(CODES, key=lambda name: (-len(name), name)))
_SIGN = re.compile("|".join(rf"(?<![A-Z]){re.escape(sign)}" for sign in sorted(SIGNS, key=len, reverse=True)))
_MONEY_WORD = (
    r"(?i:amount|price|value|total|rent|budget|commission|revenue|deposit|fee|payment|cost|sum)|金额|总价|价格?|佣金|"
    "预算|租金|总额"
)
_IN_VALUE = re.compile(rf"^\s*[-+]?\s*({_ANY}|(?i:DHS))\.?\s*[-+]?\d|\d\s*({_ANY}|(?i:DHS))\.?\s*$")
_IN_BRACKETS = re.compile(rf"[(\[（【]\s*(?:in\s+)?({_ANY})\s*[)\]）】]")
_IN_NAME = re.compile(
    rf"(?:{_MONEY_WORD})[\s_.,/-]*(?:in[\s_]+)?({_ANY})(?![A-Za-z])|(?<![A-Za-z])({_ANY})[\s_./-]*(?:{_MONEY_WORD})"
)


def currency_of(files: Sequence[Meanings], timezone: str) -> tuple[str | None, str | None]:
    """The currency to draft, and what to ask about it. None and None where no amount lacks a currency."""
    lacking = [found for found in files if any(map(found.has, MONEY)) and not found.has("currency")]
    if not lacking:
        return None, None
    seen: Counter[str] = Counter()
    for found in lacking:
        for column in {found.columns[meaning] for meaning in MONEY if found.has(meaning)}:
            seen.update(filter(None, [stated_in_name(column), *map(stated_in_value, found.table.texts(column))]))
    if seen:
        code = seen.most_common(1)[0][0]
        several = f"; there are also {', '.join(sorted(set(seen) - {code}))}" if len(seen) > 1 else ""
        return code, f"amounts without a currency of their own are taken to be {code}, as some say{several}: `currency`"
    if timezone in ZONES:
        return ZONES[
            timezone
        ], f"no currency is named: amounts are taken to be {ZONES[timezone]}, by the time zone: `currency`"
    return None, "no currency is named: amounts count as CNY unless `currency` says another"


def stated_in_value(text: str) -> str | None:
    """The currency that a value names."""
    if match := _SIGN.search(text):
        return SIGNS[match[0]]
    return CODES[(match[1] or match[2]).upper()] if (match := _IN_VALUE.search(text)) else None


def stated_in_name(column: str) -> str | None:
    """The currency that the name of a column of amounts has: a sign, or a code in brackets or beside a word for money.

    Names hold words that codes look like: TOP PRICE.
    """
    if match := _SIGN.search(column):
        return SIGNS[match[0]]
    if match := _IN_BRACKETS.search(column):
        return CODES[match[1]]
    match = _IN_NAME.search(column)
    name = (match[1] or match[2]) if match else None
    return CODES[name] if name and name not in ENGLISH_WORDS else None
