"""Guesses the currency of amounts without a currency column: by signs and codes, else by the time zone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipelines.ingest.draft.meanings import Meanings
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
"""Signs of a single currency. Yuan and yen share the others."""

CODES = {code: code for code in ISO_CURRENCIES} | {
    name: code for name, code in SYNONYMS.items() if re.fullmatch("[A-Z]+", name)
}
ENGLISH_WORDS = {"ALL", "BAM", "BOB", "COP", "CUP", "GEL", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY"}
"""Codes that are also words. In a column name they are a currency only within brackets."""

ZONES = {
    "Asia/Shanghai": "CNY",
    "Asia/Chongqing": "CNY",
    "Asia/Urumqi": "CNY",
    "Asia/Hong_Kong": "HKD",
    "Asia/Macau": "MOP",
    "Asia/Taipei": "TWD",
    "Asia/Singapore": "SGD",
    "Asia/Kuala_Lumpur": "MYR",
    "Asia/Bangkok": "THB",
    "Asia/Tokyo": "JPY",
    "Asia/Seoul": "KRW",
    "Asia/Kolkata": "INR",
    "Asia/Dubai": "AED",
    "Asia/Riyadh": "SAR",
    "Europe/London": "GBP",
    "Europe/Berlin": "EUR",
    "Europe/Paris": "EUR",
    "Europe/Madrid": "EUR",
    "Europe/Rome": "EUR",
    "Europe/Amsterdam": "EUR",
    "Europe/Vienna": "EUR",
    "Europe/Lisbon": "EUR",
    "Europe/Dublin": "EUR",
    "Europe/Athens": "EUR",
    "Europe/Zurich": "CHF",
    "America/New_York": "USD",
    "America/Chicago": "USD",
    "America/Denver": "USD",
    "America/Los_Angeles": "USD",
    "America/Phoenix": "USD",
    "America/Toronto": "CAD",
    "America/Sao_Paulo": "BRL",
    "Australia/Sydney": "AUD",
    "Australia/Melbourne": "AUD",
    "Australia/Brisbane": "AUD",
    "Pacific/Auckland": "NZD",
}
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
    """The drafted currency and a doubt for the user. Both are None if each amount has a currency column."""
    without_currency = [file for file in files if any(map(file.has, MONEY)) and not file.has("currency")]
    if not without_currency:
        return None, None
    seen: Counter[str] = Counter()
    for file in without_currency:
        for column in {file.columns[meaning] for meaning in MONEY if file.has(meaning)}:
            stated = [stated_in_name(column), *map(stated_in_value, file.table.texts(column))]
            seen.update(code for code in stated if code is not None)
    if seen:
        code = seen.most_common(1)[0][0]
        several = f"; there are also {', '.join(sorted(set(seen) - {code}))}" if len(seen) > 1 else ""
        return code, f"some amounts are in {code}{several}: amounts without a currency are read as {code} (`currency`)"
    if timezone in ZONES:
        code = ZONES[timezone]
        return code, f"the file has no currency: amounts are read as {code}, the currency of the time zone (`currency`)"
    return None, "the file has no currency: amounts are read as CNY; set `currency` for another"


def stated_in_value(text: str) -> str | None:
    """The currency in a value, or None."""
    if match := _SIGN.search(text):
        return SIGNS[match[0]]
    return CODES[(match[1] or match[2]).upper()] if (match := _IN_VALUE.search(text)) else None


def stated_in_name(column: str) -> str | None:
    """The currency in the name of a column of amounts: a sign, or a code in brackets or beside a word for money.

    A code elsewhere in a name can be a word: TOP PRICE.
    """
    if match := _SIGN.search(column):
        return SIGNS[match[0]]
    if match := _IN_BRACKETS.search(column):
        return CODES[match[1]]
    match = _IN_NAME.search(column)
    name = (match[1] or match[2]) if match else None
    return CODES[name] if name and name not in ENGLISH_WORDS else None
