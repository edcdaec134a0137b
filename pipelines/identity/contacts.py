"""Phones and e-mails of a record as keys by which two records may be the same person, and why a text gives no key.

A text that is no contact of one person gives no key: half of a number, a placeholder, a number that its country does
not have. Two strangers who share such a text stay two customers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd
import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

MASKED, PLACEHOLDER, TOO_SHORT, INVALID = "masked", "placeholder", "too_short", "invalid"
DIGITS_LOST = "digits_lost"
SWITCHBOARD, SHARED = "switchboard", "shared"
REASONS = {
    "phone": (MASKED, PLACEHOLDER, TOO_SHORT, DIGITS_LOST, INVALID, SWITCHBOARD, SHARED),
    "email": (MASKED, PLACEHOLDER, INVALID, SHARED),
}
"""Why a contact links nobody, by kind. The last ones follow from the other records of the day (`resolve`)."""

FEWEST_DIGITS = 7
EQUAL_AT_THE_END = 8
"""Equal last digits that make a placeholder of a number."""
FEWEST_LOCAL_DIGITS = 5
"""Digits behind an area code: fewer are a house or the end of another number."""
LONGEST_EXTENSION_OF_A_SLIP = 2
"""Digits behind a mobile that are a slip of the pen; more are an extension of a number that a portal lends."""
LONGEST_RUN = 9
"""1 to 9 or 9 to 1: what follows such a run fills the number up."""

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF])
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
_MASK = re.compile(r"[*•●○█×]|[#?_]{2,}|\d[\s.-]*\.{3}|\d[\s-]*[xX]{2,}|[xX]{2,}-?\d|\d\?|\?\d")
_EXTENSION = re.compile(
    r"(?<=[\d)])\s*(?:[;,]?\s*ext(?:ension|n)?\s*[.:=]*|x|\#|转|轉|分机|分機|内线|內線)\s*:?\s*(\d{1,8})(?!\d)",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.0+)?")
_SEPARATORS = re.compile(r"[;,|&\n\r\t]+|\bor\b|\band\b|或|和|及")
_SLASHES = re.compile(r"[/\\、]+")
_AREA_CODE = re.compile(r"\+?[\d\s().-]+")
_AREA_CODE_LAST = re.compile(r"(?:(?<=[^\w+(])|^)[+(]?\d[\d\s().-]*$")
_DATE = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}")
_FLOAT = re.compile(r"(\+?\d{7,})\.0{1,2}")
_SCIENTIFIC = re.compile(r"\+?(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_NUMBER = re.compile(r"\+?[\d(][\d\s().-]*(?:#\d+)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMAIL_MASK = re.compile(r"[*•●○█]|\.{3}")

# China's operators get new prefixes every year: any mobile of that form may exist. A landline must be a valid one.
_CHINA_MOBILE = re.compile(r"1[3-9]\d{9}")
_CHINA_PLAIN = re.compile(r"(?:(?:\+|00)?86)?[\s-]*(1[3-9]\d)[\s-]*(\d{4})[\s-]*(\d{4})")
_CHINA_MOBILES = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
_ABROAD = re.compile(r"\+(?!86)")
_CHINA_EXTENSION = re.compile(r"((?:\+86[\s-]*|0)\(?\d{2,3}\)?[\s-]*\d{7,8})\s*-\s*(\d{1,6})")
_OF_A_PERSON = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOIP,
}


@dataclass(frozen=True)
class Placeholders:
    """What `placeholder_contacts.csv` lists, by kind."""

    words: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    email_names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Placeholders:
        """From rows of kind and text."""
        found: dict[str, set[str]] = {"word": set(), "phone": set(), "email": set(), "email_name": set()}
        for kind, text in rows:
            found[kind].add(text)
        return cls(*(frozenset(found[kind]) for kind in ("word", "phone", "email", "email_name")))


@dataclass
class Contact:
    """What one text gives. `keys`: E.164, with `;ext=` where it has an extension, or an address in lower case.
    `reasons`: why a part of it gives none."""

    keys: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)

    def add(self, key: str | None, reason: str | None) -> None:
        if key:
            self.keys.add(key)
        if reason:
            self.reasons.add(reason)


def read_phone(text: str, region: str, placeholders: Placeholders) -> Contact:
    """The numbers of a text as people type it: full-width digits, spaces, dashes, country codes, names beside it,
    several numbers, the float of a spreadsheet.

    `region` is the ISO 3166 code that a number without country code belongs to.
    """
    contact = Contact()
    plain = _plain(text)
    if not plain:
        return contact
    if region == "CN" and (simple := _CHINA_PLAIN.fullmatch(plain)):
        contact.add(*_judged("86", "".join(simple.groups()), "", placeholders))
        return contact
    if plain.lower() in placeholders.words:
        contact.add(None, PLACEHOLDER)
        return contact
    for number, extension in _numbers(plain, region, contact):
        contact.add(*_read_number(number, extension, region, placeholders))
    if contact.keys:
        # A few digits beside a number are a house or the end of a second number: the record has its contact.
        contact.reasons.discard(TOO_SHORT)
    elif not contact.reasons:
        contact.add(None, INVALID)
    return contact


def read_email(text: str, placeholders: Placeholders) -> Contact:
    """The addresses of a text, in lower case."""
    contact = Contact()
    plain = _plain(text).lower()
    if not plain:
        return contact
    if plain in placeholders.words:
        contact.add(None, PLACEHOLDER)
        return contact
    for address in _addresses(plain):
        name = address.split("@")[0]
        if _EMAIL_MASK.search(address):
            contact.add(None, MASKED)
        elif not _EMAIL.fullmatch(address):
            contact.add(None, INVALID)
        elif address in placeholders.emails or name in placeholders.email_names or _is_filler(name, 3):
            contact.add(None, PLACEHOLDER)
        else:
            contact.add(address, None)
    if not contact.keys and not contact.reasons:
        contact.add(None, MASKED if _EMAIL_MASK.search(plain) else INVALID)
    return contact


def contact_keys(texts: pd.Series, kind: str, read: Callable[[str], Contact]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keys (`position`, `kind`, `key`) and faults (`position`, `kind`, `reason`) of texts; a position may have many."""
    # Each distinct text is read once: corrections repeat it.
    filled = texts.dropna()
    distinct = {text: read(text) for text in filled.unique()}
    keys = [
        (position, kind, key) for position, text in filled.items() for key in sorted(distinct[text].keys)
    ]  # fmt: skip
    faults = [
        (position, kind, reason) for position, text in filled.items() for reason in sorted(distinct[text].reasons)
    ]  # fmt: skip
    return (
        pd.DataFrame(keys, columns=["position", "kind", "key"]),
        pd.DataFrame(faults, columns=["position", "kind", "reason"]),
    )


def _addresses(plain: str) -> Iterator[str]:
    for part in map(str.strip, re.split(r"[;,、/|<>]+", plain)):
        chunks = part.split()
        # A space within an address is a slip, and half of an address may be another person's.
        for chunk in chunks if all("@" in chunk for chunk in chunks) else [part]:
            if "@" in chunk:
                yield chunk.strip("()[]\"'.:").removeprefix("mailto:")


def _plain(text: str) -> str:
    """The text without what its spelling adds: width, dashes of all lengths, invisible signs, quotes of a sheet."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).translate(_DASHES)
        text = "".join(str(unicodedata.digit(sign, sign)) if sign.isdigit() else sign for sign in text)
    return text.strip().strip("'\"=`").strip()


def _numbers(plain: str, region: str, contact: Contact) -> Iterator[tuple[str, str]]:
    """The numbers of a text, each with its extension or an empty text."""
    if _THOUSANDS.fullmatch(plain):
        plain = plain.split(".")[0].replace(",", "")
    for part in _parts(_EXTENSION.sub(r"#\1", plain), region):
        if _MASK.search(part):
            contact.add(None, MASKED)
            continue
        if scientific := _SCIENTIFIC.fullmatch(part):
            first, rest, zeros = scientific.group(1), scientific.group(2) or "", int(scientific.group(3))
            if len(rest.rstrip("0")) < zeros and len(rest) < zeros:
                contact.add(None, DIGITS_LOST)
            else:
                yield first + rest[:zeros].ljust(zeros, "0"), ""
            continue
        if spelled := _FLOAT.fullmatch(part):
            part = spelled.group(1)
        for match in filter(_digits, _NUMBER.findall(part)):
            number, _, extension = match.partition("#")
            if region == "CN" and (dashed := _CHINA_EXTENSION.fullmatch(number.strip())):
                number, extension = dashed.groups()
            for one in _several(number, region):
                yield one, extension


def _parts(text: str, region: str) -> Iterator[str]:
    """The parts that separators divide. A slash behind an area code divides nothing: 030/23125678, 138/1111/0001."""
    for part in map(str.strip, _SEPARATORS.split(text)):
        first, *others = map(str.strip, _SLASHES.split(part))
        if others and _is_one_number([first, *others]) and not _DATE.fullmatch(part):
            yield " ".join([first, *others])
            continue
        for other in others:
            if _is_area_code(first, other, region):
                first = f"{first} {other}"
            else:
                yield first
                first = other
        yield first


def _is_one_number(parts: list[str]) -> bool:
    """Whether parts that are all too short for a number begin as one does: 089/2312/5678."""
    short = all(_AREA_CODE.fullmatch(part) and len(_digits(part)) < FEWEST_DIGITS for part in parts)
    return short and re.match(r"\(?[0+]|1[3-9]\d$", parts[0]) is not None


def _is_area_code(before: str, behind: str, region: str) -> bool:
    """Whether a text is too short for a number of its own, and the next one is the rest of its number."""
    code = found[0].strip() if (found := _AREA_CODE_LAST.search(before)) else ""
    if _MASK.search(before) or not 0 < len(_digits(code)) < FEWEST_DIGITS:
        return False
    if re.fullmatch(r"\+\d{1,3}", code):
        return bool(re.match(r"\(?\d", behind))
    local = re.match(r"[1-9][\d\s().-]*", behind)
    if local is None or len(_digits(local[0])) < FEWEST_LOCAL_DIGITS:
        return False
    return code[0] in "0+(" or not _is_mobile_text(behind, region)


def _is_mobile_text(text: str, region: str) -> bool:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE


def is_mobile(key: str) -> bool:
    """Whether a key without extension is a mobile: one person's, never a switchboard."""
    return bool(_CHINA_MOBILE.fullmatch(key.removeprefix("+86"))) or _is_mobile_text(key, "ZZ")


def _several(number: str, region: str) -> list[str]:
    """Numbers that only a space or a dash divides, without a few digits beside them; one number as it is."""
    chunks = number.split()
    if len(chunks) > 1 and all(len(_digits(chunk)) >= FEWEST_DIGITS for chunk in chunks):
        return chunks
    if region == "CN" and (mobiles := _CHINA_MOBILES.findall(number)) and not _ABROAD.match(number):
        rest = len(_digits(number)) - sum(len(_digits(mobile)) for mobile in mobiles)
        if rest < FEWEST_DIGITS:
            return mobiles
    return [number]


def _read_number(number: str, extension: str, region: str, placeholders: Placeholders) -> tuple[str | None, str | None]:
    digits = _digits(number)
    if len(digits) < FEWEST_DIGITS:
        return None, TOO_SHORT
    if _is_filler(digits, FEWEST_DIGITS):
        return None, PLACEHOLDER
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None, INVALID
    length = phonenumbers.is_possible_number_with_reason(parsed)
    if length in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return None, TOO_SHORT
    if length != ValidationResult.IS_POSSIBLE:
        return None, INVALID
    national = phonenumbers.national_significant_number(parsed)
    if 0 < len(extension) <= LONGEST_EXTENSION_OF_A_SLIP and is_mobile(f"+{parsed.country_code}{national}"):
        extension = ""
    key, reason = _judged(str(parsed.country_code), national, extension, placeholders)
    mobile_in_china = parsed.country_code == 86 and _CHINA_MOBILE.fullmatch(national)
    if key and not mobile_in_china and phonenumbers.number_type(parsed) not in _OF_A_PERSON:
        return None, INVALID
    return key, reason


def _judged(country: str, national: str, extension: str, placeholders: Placeholders) -> tuple[str | None, str | None]:
    if national in placeholders.phones or _is_filler(national, FEWEST_DIGITS):
        return None, PLACEHOLDER
    if len(set(national[-EQUAL_AT_THE_END:])) == 1:
        return None, PLACEHOLDER
    return f"+{country}{national}" + (f";ext={extension}" if extension else ""), None


def _is_filler(text: str, fewest: int) -> bool:
    """Whether digits are all equal, or run up or down but for what fills them up: 00000000000, 12345678900."""
    if len(text) < fewest or not text.isdecimal():
        return False
    run = text[: max(LONGEST_RUN, len(text) - 2)]
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(run)}
    return len(set(text)) == 1 or steps == {1} or steps == {9}


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
