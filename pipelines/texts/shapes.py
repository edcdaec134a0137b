"""What a phone number and an e-mail address look like, however people type them."""

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
_DATE = r"(?:(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|20[0-4][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])"
_SECONDS = r"(?<=:)[0-5][0-9][.][0-9]{1,6}(?![0-9])"
_EIGHT_DIGITS = rf"(?=(?:[^{_DIGITS}]*{_DIGIT}){{8}}).*?"
_NUMBER = rf"(?<!{_DIGIT})(?!{_DATE})(?!{_SECONDS}){_DIGIT}(?:{_GAP}{_DIGIT}){{7}}"
_MADE_HERE = (
    r"(?:(?:agent|team|property|record)-[0-9a-f]{16}|[0-9a-f]{32,64}|rules-[0-9a-f]{12}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z_]+-[0-9]{1,4}-20[0-9]{6}-[0-9a-f]{10})"
)
"""Keys, pseudonyms, versions of the rules, ids of runs and of models: their digits are no number."""

CONTACT = rf"(?is)\A(?!{_MADE_HERE}\Z)(?:{_EMAIL}|{_EIGHT_DIGITS}{_NUMBER}|{_SPELLED})"
"""An @ or what stands for it, or eight digits and more with at most three separators between two, in any script.

Found anywhere in a text. A date such as 2026-06-30 or 20260630, the seconds of a time and the ids that this house makes
are none. Each alternative first looks for what it needs, because nearly all texts have none of it.
"""

_COUNTRY = rf"(?:(?:\+|00)?86{_GAP})?"
_MOBILE = rf"(?<!{_DIGIT}){_COUNTRY}{_ONE}{_GAP}{_MOBILE_SECOND}(?:{_GAP}{_DIGIT}){{9}}(?!{_DIGIT})"
_ABROAD = rf"[+＋]{_DIGIT}(?:{_GAP}{_DIGIT}){{7}}"
_LANDLINE = rf"(?<!{_DIGIT})[(（]?0\d{{2,3}}[)）]?[\s-]\d{{3,4}}-?\d{{4}}(?!{_DIGIT})"
CONTACT_ID = rf"(?is)\A(?!{_MADE_HERE}\Z)(?:{_EMAIL}|{_EIGHT_DIGITS}(?:{_MOBILE}|{_ABROAD}|{_LANDLINE})|{_SPELLED})"
"""The same in an id that a source gives: ids are long numbers, so a number must be a mobile of China, or have a country
code or an area code with a separator."""

PATTERNS = {"{contact}": CONTACT, "{contact_id}": CONTACT_ID}
"""Names by which a suite of expectations may use the patterns."""

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
_CONTACT, _CONTACT_ID = re.compile(CONTACT), re.compile(CONTACT_ID)


def is_contact(text: str) -> bool:
    """Whether the text holds what looks like a phone number or an e-mail address."""
    return bool(_CONTACT.search(text) or _CONTACT.search(_plain(text)))


def is_contact_id(text: str) -> bool:
    """Whether the id holds a phone number or an e-mail address."""
    return bool(_CONTACT_ID.search(text) or _CONTACT_ID.search(_plain(text)))


def _plain(text: str) -> str:
    """The text without what its spelling adds: width, invisible signs."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
