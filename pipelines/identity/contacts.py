"""Normalised phones and e-mails: the keys by which two records may be the same person."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
import phonenumbers

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def normalise_phone(text: str | None, region: str) -> str | None:
    """The E.164 form of a phone as people type it (full-width digits, spaces, dashes, +86); null if it cannot be one.

    `region` is the ISO 3166 code that a number without country code belongs to. Possible is enough: whether an operator
    uses the prefix changes from year to year.
    """
    if not text:
        return None
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_email(text: str | None) -> str | None:
    """The lower-case address, or null if it is none."""
    if not text:
        return None
    address = unicodedata.normalize("NFKC", text).strip().lower()
    return address if _EMAIL.fullmatch(address) else None


def contact_keys(contacts: pd.DataFrame, region: str) -> pd.DataFrame:
    """Record versions with `phone` and `email` normalised. Grain and other columns as given."""
    # Each distinct text is parsed once: parsing a phone costs 30 µs, and corrections repeat it.
    phones = {text: normalise_phone(text, region) for text in contacts["phone"].dropna().unique()}
    emails = {text: normalise_email(text) for text in contacts["email"].dropna().unique()}
    return contacts.assign(
        phone=contacts["phone"].map(phones).astype("object"), email=contacts["email"].map(emails).astype("object")
    )
