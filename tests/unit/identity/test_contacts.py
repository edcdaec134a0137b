"""People type phones and e-mails in many ways; the same one must become the same key."""

import pandas as pd
import pytest

from pipelines.identity.contacts import contact_keys, normalise_email, normalise_phone


@pytest.mark.parametrize(
    "text",
    [
        "100 1234 5678",
        "+86 10012345678",
        "100-1234-5678",
        "１００１２３４５６７８",
        "0086 100 1234 5678",
        "8610012345678",
    ],
)
def test_a_phone_is_the_same_however_it_is_typed(text):
    assert normalise_phone(text, "CN") == "+8610012345678"


@pytest.mark.parametrize("text", [None, "", "n/a", "12", "not a phone", "1" * 30])
def test_what_cannot_be_a_phone_is_null(text):
    assert normalise_phone(text, "CN") is None


def test_a_number_without_country_code_belongs_to_the_region():
    assert normalise_phone("098 765 43210", "IN") == "+919876543210"


@pytest.mark.parametrize(
    ("text", "expected"), [(" Li.Wei@Example.COM ", "li.wei@example.com"), ("ｌｉ@example.com", "li@example.com")]
)
def test_an_email_is_the_same_in_any_case_and_width(text, expected):
    assert normalise_email(text) == expected


@pytest.mark.parametrize("text", [None, "", "li.wei", "li@home", "a b@example.com", "@example.com"])
def test_what_is_no_email_is_null(text):
    assert normalise_email(text) is None


def test_contact_keys_keep_every_version():
    versions = pd.DataFrame(
        {"record_key": ["a", "a", "b"], "phone": ["10012345678", None, "x"], "email": [None, "A@b.cn", None]}
    )
    keys = contact_keys(versions, "CN")
    assert keys["record_key"].tolist() == ["a", "a", "b"]
    assert keys["phone"].tolist()[0] == "+8610012345678"
    assert keys["phone"].isna().tolist() == [False, True, True]
    assert keys["email"].tolist()[1] == "a@b.cn"
