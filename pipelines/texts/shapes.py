"""Patterns of phone numbers and e-mail addresses, in the many ways in which people write them."""

from __future__ import annotations

import re
import unicodedata

_ONE = "[1１١۱१一壹幺①]"
_MOBILE_SECOND = "[3-9３-９٣-٩۳-۹३-९三四五六七八九③-⑨]"
_DIGITS = r"\d零〇○一二三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖幺⁰¹²³⁴-⁹₀-₉⓪①-⑨❶-❾"
_DIGIT = f"[{_DIGITS}]"
_GAP = r"[\s._()（）/+·‐-―－*-]{0,3}"
_OPEN, _CLOSE = r"[(\[{<（【［｛〔「]\s*", r"\s*[)\]}>）】］｝〕」]"
_DOT = rf"(?:[.。]|\s*{_OPEN}(?:dot|点){_CLOSE}\s*|\s+dot\s+)"
_EMAIL = (
    rf"(?=[^@＠﹫(\[{{<（【［｛〔「.。]*[@＠﹫(\[{{<（【［｛〔「.。])"
    rf".*?(?:[@＠﹫]|{_OPEN}(?:at{_CLOSE}|(?:dot|点){_CLOSE})|[\s_.-]at[\s_.-]+[\w-]+{_DOT}[a-z]{{2,}})"
)
_SPELLED = r".*?\sat\s+[\w-]+\s+dot\s+[a-z]{2,}"
_YEAR = r"(?:[1１][9９]|[2２][0０])\d\d"
_DATE = rf"(?:{_YEAR}[-./][01]?\d[-./][0-3]?\d(?!\d)|{_YEAR}[01]\d[0-3]\d{{1,5}}(?!\d))"
_ROUND = r"(?:\d{0,4}[0０]{2}|\d*[0０]{3})(?!\d)"
_HOUSES = r"[01]\d{3}\s?[-‐-―~～/]\s?[01]\d{3}(?!\d)"
_SECONDS = r"(?<=:)[0-5][0-9][.][0-9]{1,6}(?![0-9])"
_NO_PHONE = rf"(?!{_DATE}|{_SECONDS}|{_YEAR}(?!\d)|{_ROUND}|{_HOUSES}|000)"
_AFTER_YEAR = r"(?<![19２20][90０9]\d\d[-./ ])"
_EIGHT_DIGITS = rf"(?=(?:[^{_DIGITS}]*{_DIGIT}){{8}}).*?"
_NUMBER = (
    rf"(?<!{_DIGIT})(?:{_AFTER_YEAR}|(?=\d{{3}})){_NO_PHONE}{_DIGIT}"
    rf"(?:{_DIGIT}|(?!{_DIGIT}){_GAP}{_NO_PHONE}{_DIGIT}){{7}}"
)
_COUNTRY = rf"(?:(?:\+|00)?86{_GAP})?"
_WIDE_GAP = r"(?:[\s._()（）/+·‐-―－*,，、;；|~～'’⁃−-]{0,5})"
_THOUSANDS = r"\d{1,3}(?:[,，]\d{3})+(?!\d)"
_AMOUNTS = r"\d{1,6}000\s?[-‐-―~～]\s?\d{1,6}000(?!\d)"
_MOBILE = (
    rf"(?<!{_DIGIT}){_COUNTRY}(?!{_THOUSANDS}|{_AMOUNTS})"
    rf"{_ONE}{_WIDE_GAP}{_MOBILE_SECOND}(?:{_WIDE_GAP}{_DIGIT}){{9}}(?!{_DIGIT})"
)
_ABROAD = rf"[+＋]{_DIGIT}(?:{_GAP}{_DIGIT}){{7}}"
_LANDLINE = rf"(?<!{_DIGIT})[(（]?0\d{{2,3}}(?:[)）]\s?|[\s-])\d{{3,4}}[\s-]?\d{{4}}(?!{_DIGIT})"
_PHONE = rf"{_MOBILE}|{_ABROAD}|{_LANDLINE}"
_MADE_HERE = (
    r"(?:(?:agent|team|property|record)-[0-9a-f]{16}|[0-9a-f]{32,64}|rules-[0-9a-f]{12}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z_]+-[0-9]{1,4}-20[0-9]{6}-[0-9a-f]{10})"
)
"""Keys, pseudonyms, versions of rules, ids of runs and of models: their digits are no phone number."""

CONTACT = rf"(?is)\A(?!{_MADE_HERE}\Z)(?:{_EMAIL}|{_EIGHT_DIGITS}(?:{_NUMBER}|{_PHONE})|{_SPELLED})"
"""A contact anywhere in a text: an @ or a substitute for it, or at least eight digits of any script with at most three
separators between two digits.

Not a contact, unless written like a phone: dates and years, the seconds of a time, round numbers such as 0800 and
10000, ranges of house numbers, serial numbers that begin with zeros, and ids that tierhouse makes. For speed, each
alternative first looks for the characters that it needs.
"""

CONTACT_ID = rf"(?is)\A(?!{_MADE_HERE}\Z)(?:{_EMAIL}|{_EIGHT_DIGITS}(?:{_PHONE})|{_SPELLED})"
"""A contact in an id of a source. Ids are often long numbers, so here a phone is a mobile number of China, or a number
with a country code, or with an area code and a separator."""

PLAIN_ID = r"[ -~]*[0-9][ -~]*"
CONTACT_IN_PLAIN_ID = (
    r"[@+(\[{<]|[Aa][Tt]|1[^0-9A-Za-z]{0,5}[3-9](?:[^0-9A-Za-z]{0,5}[0-9]){9}"
    r"|(?:^|[^0-9])0[0-9]{2,3}[)\s-]\s?[0-9]{3,4}[\s-]?[0-9]{4}"
)
"""Necessary condition of a contact in an id of ASCII characters. It needs no look-around, which DuckDB lacks."""

_OTHER_DIGITS = rf"[^\x00-\x7f\P{{Nd}}]|[{_DIGITS.removeprefix(chr(92) + 'd')}]"
NEEDED_BY_CONTACT = (
    rf"(?is)[@＠﹫]|(?:^|[^0-9a-z])(?:at|dot)(?:[^0-9a-z]|$)|[(\[{{<（【［｛〔「][^0-9a-z]*点"
    rf"|(?:[0-9][^0-9]*){{8}}|{_OTHER_DIGITS}"
)
"""Necessary condition of CONTACT and CONTACT_ID in the syntax of RE2: it needs no look-around, which DuckDB lacks."""

MADE_HERE = rf"(?is){_MADE_HERE}"
"""The whole text is an id that tierhouse makes; for RE2, too."""

PATTERNS = {"{contact}": CONTACT, "{contact_id}": CONTACT_ID}
"""Names of the patterns in suites of expectations."""

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
_CONTACT, _CONTACT_ID = re.compile(CONTACT), re.compile(CONTACT_ID)


def is_contact(text: str) -> bool:
    """Whether the text contains something like a phone number or an e-mail address."""
    return _matches(_CONTACT, text)


def is_contact_id(text: str) -> bool:
    """Whether the id contains a phone number or an e-mail address."""
    return _matches(_CONTACT_ID, text)


def _matches(pattern: re.Pattern[str], text: str) -> bool:
    return bool(pattern.search(text) or (not text.isascii() and pattern.search(plain(text))))


def plain(text: str) -> str:
    """Return the text with normal width and without invisible characters."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
