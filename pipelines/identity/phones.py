"""Phone numbers in a text, as keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

from pipelines.identity.contacts import (
    DIGITS_LOST,
    INVALID,
    MASKED,
    PLACEHOLDER,
    TOO_SHORT,
    Contact,
    Placeholders,
    digits_of,
    is_filler,
    normalized,
)

FEWEST_DIGITS = 7
FEWEST_EQUAL_LAST_DIGITS = 8
"""A number with this many equal last digits is a placeholder."""
FEWEST_LOCAL_DIGITS = 5
"""Digits after an area code. Fewer digits are a house number or the end of another phone number."""
LONGEST_TYPO = 2
"""Digits after a mobile number that are a typing error. More digits are the extension of a number lent by a portal."""

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

# China's operators get new prefixes every year, so each mobile number of this form can exist. Landlines must be valid.
_CHINA_MOBILE = re.compile(r"1[3-9]\d{9}")
_CHINA_PLAIN = re.compile(r"(?:(?:\+|00)?86|\(\+86\))?[\s-]*(1[3-9]\d)[\s-]*(\d{4})[\s-]*(\d{4})")
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


def read_phone(text: str, region: str, placeholders: Placeholders) -> Contact:
    """The numbers in a text as people type it: full-width digits, spaces, dashes, country codes, names, several
    numbers, or a float of a spreadsheet.

    `region`: ISO 3166 code of the country of numbers without country code.
    """
    contact = Contact()
    plain = normalized(text)
    if not plain:
        return contact
    if region == "CN" and (simple := _CHINA_PLAIN.fullmatch(plain)):
        contact.add(*_key_or_placeholder("86", "".join(simple.groups()), "", placeholders))
        return contact
    if plain.lower() in placeholders.words:
        contact.add(None, PLACEHOLDER)
        return contact
    for number, extension in _numbers(plain, region, contact):
        contact.add(*_read_number(number, extension, region, placeholders))
    if contact.keys:
        # Few digits beside a number are a house number or the end of a second number.
        contact.reasons.discard(TOO_SHORT)
    elif not contact.reasons:
        contact.add(None, INVALID)
    return contact


def _numbers(plain: str, region: str, contact: Contact) -> Iterator[tuple[str, str]]:
    """The numbers in a text, each with its extension or an empty text. Adds the reasons of other parts to `contact`."""
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
        if float_number := _FLOAT.fullmatch(part):
            part = float_number.group(1)
        for match in filter(digits_of, _NUMBER.findall(part)):
            number, _, extension = match.partition("#")
            if region == "CN" and (dashed := _CHINA_EXTENSION.fullmatch(number.strip())):
                number, extension = dashed.groups()
            for single in _split_numbers(number, region):
                yield single, extension


def _parts(text: str, region: str) -> Iterator[str]:
    """The text split at separators. A slash after an area code is no separator: 030/23125678, 138/1111/0001."""
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
    """Whether all parts are too short for a number and together begin like a number: 089/2312/5678."""
    are_short = all(_AREA_CODE.fullmatch(part) and len(digits_of(part)) < FEWEST_DIGITS for part in parts)
    return are_short and re.match(r"\(?[0+]|1[3-9]\d$", parts[0]) is not None


def _is_area_code(before: str, after: str, region: str) -> bool:
    """Whether `before` ends with an area code and `after` begins with the rest of its number."""
    code = match[0].strip() if (match := _AREA_CODE_LAST.search(before)) else ""
    if _MASK.search(before) or not 0 < len(digits_of(code)) < FEWEST_DIGITS:
        return False
    if re.fullmatch(r"\+\d{1,3}", code):
        return bool(re.match(r"\(?\d", after))
    local = re.match(r"[1-9][\d\s().-]*", after)
    if local is None or len(digits_of(local[0])) < FEWEST_LOCAL_DIGITS:
        return False
    return code[0] in "0+(" or not _is_mobile_text(after, region)


def _is_mobile_text(text: str, region: str) -> bool:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE


def is_mobile(key: str) -> bool:
    """Whether a key without extension is a mobile number, which belongs to one person and is no switchboard."""
    return bool(_CHINA_MOBILE.fullmatch(key.removeprefix("+86"))) or _is_mobile_text(key, "ZZ")


def _split_numbers(number: str, region: str) -> list[str]:
    """The numbers of a text that separates them by spaces or dashes only, without single digits beside them."""
    chunks = number.split()
    if len(chunks) > 1 and all(len(digits_of(chunk)) >= FEWEST_DIGITS for chunk in chunks):
        return chunks
    if region == "CN" and (mobiles := _CHINA_MOBILES.findall(number)) and not _ABROAD.match(number):
        rest = len(digits_of(number)) - sum(len(digits_of(mobile)) for mobile in mobiles)
        if rest < FEWEST_DIGITS:
            return mobiles
    return [number]


def _read_number(number: str, extension: str, region: str, placeholders: Placeholders) -> tuple[str | None, str | None]:
    digits = digits_of(number)
    if len(digits) < FEWEST_DIGITS:
        return None, TOO_SHORT
    if is_filler(digits, FEWEST_DIGITS):
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
    if 0 < len(extension) <= LONGEST_TYPO and is_mobile(f"+{parsed.country_code}{national}"):
        extension = ""
    key, reason = _key_or_placeholder(str(parsed.country_code), national, extension, placeholders)
    mobile_in_china = parsed.country_code == 86 and _CHINA_MOBILE.fullmatch(national)
    if key and not mobile_in_china and phonenumbers.number_type(parsed) not in _OF_A_PERSON:
        return None, INVALID
    return key, reason


def _key_or_placeholder(
    country: str, national: str, extension: str, placeholders: Placeholders
) -> tuple[str | None, str | None]:
    """The key of a number, or the reason that it is a placeholder."""
    if national in placeholders.phones or is_filler(national, FEWEST_DIGITS):
        return None, PLACEHOLDER
    if len(set(national[-FEWEST_EQUAL_LAST_DIGITS:])) == 1:
        return None, PLACEHOLDER
    return f"+{country}{national}" + (f";ext={extension}" if extension else ""), None
