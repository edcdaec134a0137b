"""The currency of amounts whose rows name none: by the signs and words beside them, else by the time zone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipelines.ingest.currencies import ISO_CURRENCIES, SYNONYMS
from pipelines.ingest.draft.meaning import Meanings

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
SIGNS = {sign: code for sign, code in SYNONYMS.items() if sign not in ("元", "￥", "¥")}
"""Signs of one currency: yuan and yen share the others."""

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
_CODE = re.compile(rf"\b({'|'.join(sorted(ISO_CURRENCIES))})\b")


def currency_of(files: Sequence[Meanings], timezone: str) -> tuple[str | None, str | None]:
    """The currency to draft, and what to ask about it. None and None where no amount lacks a currency."""
    lacking = [found for found in files if any(map(found.has, MONEY)) and not found.has("currency")]
    if not lacking:
        return None, None
    seen: Counter[str] = Counter()
    for found in lacking:
        for column in {found.columns[meaning] for meaning in MONEY if found.has(meaning)}:
            seen.update(filter(None, map(_stated, [column, *found.table.texts(column)])))
    if seen:
        code = seen.most_common(1)[0][0]
        several = f"; there are also {', '.join(sorted(set(seen) - {code}))}" if len(seen) > 1 else ""
        return code, f"amounts without a currency of their own are taken to be {code}, as some say{several}: `currency`"
    if timezone in ZONES:
        return ZONES[
            timezone
        ], f"no currency is named: amounts are taken to be {ZONES[timezone]}, by the time zone: `currency`"
    return None, "no currency is named: amounts count as CNY unless `currency` says another"


def _stated(text: str) -> str | None:
    for sign, code in SIGNS.items():
        if sign in text:
            return code
    match = _CODE.search(text)
    return match[1] if match else None
