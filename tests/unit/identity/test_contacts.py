"""A phone or e-mail has the same key in every spelling; a text that is no contact of a person has no key."""

import duckdb
import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.contacts import REASONS, Placeholders
from pipelines.identity.emails import read_email
from pipelines.identity.phones import read_phone
from pipelines.identity.texts import PLAIN_EMAIL, PLAIN_PHONE
from tests.integration.dbt.properties.histories import rules

PLACEHOLDERS = Placeholders.of((row["kind"], row["text"]) for row in rules("placeholder_contacts"))


def phone(text: str, region: str = "CN") -> tuple[list[str], list[str]]:
    contact = read_phone(text, region, PLACEHOLDERS)
    return sorted(contact.keys), sorted(contact.reasons)


def email(text: str) -> tuple[list[str], list[str]]:
    contact = read_email(text, PLACEHOLDERS)
    return sorted(contact.keys), sorted(contact.reasons)


@pytest.mark.parametrize(
    "text",
    [
        "138 1111 0001", "+86 13811110001", "138-1111-0001", "１３８１１１１０００１", "0086 138 1111 0001",
        "8613811110001",
        "86 13811110001", "(+86)13811110001", "013811110001", "138–1111–0001", "13811110001.0", "8613811110001.0",
        "13811110001.00", "13,811,110,001", "1.3811110001E+10", "1.3811110001e10", "'13811110001", '="13811110001"',
        "\ufeff13811110001\u200b", "张三 13811110001", "13811110001（微信同号）", "13811110001 Mr. Li",
        "Li Wei: 13811110001",
        "tel:13811110001", "13811110001 (2号楼)", "١٣٨١١١١٠٠٠١",
    ],
)  # fmt: skip  # a table of cases
def test_all_spellings_of_a_phone_have_the_same_key(text):
    assert phone(text) == (["+8613811110001"], [])


@pytest.mark.parametrize(
    "text",
    [
        "13900000003/13900000004", "13900000003、13900000004", "13900000003；13900000004", "13900000003 13900000004",
        "13900000003\n13900000004", "13900000003 或 13900000004", "13900000003,13900000004",
        "139 0000 0003 139 0000 0004",
        "13900000003-13900000004", "13900000003.0/13900000004.0", "+86 13900000003 +86 13900000004",
    ],
)  # fmt: skip  # a table of cases
def test_each_of_several_phones_in_a_cell_is_a_key(text):
    assert phone(text) == (["+8613900000003", "+8613900000004"], [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("138****0001", "masked"), ("139xxxx0002", "masked"), ("138＊＊＊＊0001", "masked"),
        ("138 XXXX 0001", "masked"),
        ("1381111****", "masked"), ("138....0001", "masked"), ("138?0001", "masked"), ("138●●●●0001", "masked"),
        ("00000000000", "placeholder"), ("11111111111", "placeholder"), ("12345678900", "placeholder"),
        ("12345678901", "placeholder"), ("1234567890", "placeholder"), ("98765432100", "placeholder"),
        ("13888888888", "placeholder"), ("13800138000", "placeholder"), ("+86 000 0000 0000", "placeholder"),
        ("无", "placeholder"), ("N/A", "placeholder"), ("-", "placeholder"), ("010-00000000", "placeholder"),
        ("12345", "too_short"), ("12", "too_short"), ("10086", "too_short"),
        ("1.38E+10", "digits_lost"), ("1.381111E+10", "digits_lost"), ("1E+10", "digits_lost"),
        ("6234", "too_short"), ("62345678", "invalid"), ("1381111000", "invalid"), ("138111100011", "invalid"),
        ("12011110001", "invalid"), ("4008123123", "invalid"), ("not a phone", "invalid"), ("+999 1234567", "invalid"),
        ("1" * 30, "placeholder"), ("7" + "31" * 20, "invalid"),
    ],
)  # fmt: skip  # a table of cases
def test_a_text_that_is_no_phone_of_one_person_has_a_reason_and_no_key(text, reason):
    assert phone(text) == ([], [reason])


@pytest.mark.parametrize(
    "text",
    ["010-62345678 ext 8001", "010-62345678转8001", "010-62345678-8001", "010-62345678 分机8001", "(010)62345678#8001",
     "010-62345678, ext. 8001", "+86 10 6234 5678 x8001"],
)  # fmt: skip  # a table of cases
def test_a_number_with_an_extension_has_another_key_than_the_number(text):
    assert phone(text) == (["+861062345678;ext=8001"], [])
    assert phone("010-62345678") == (["+861062345678"], [])


@pytest.mark.parametrize(
    ("text", "region", "keys"),
    [
        ("030/23125678", "DE", ["+493023125678"]), ("040/23125678", "DE", ["+494023125678"]),
        ("0151/23125678", "DE", ["+4915123125678"]), ("Büro: 030/23125678", "DE", ["+493023125678"]),
        ("(030)/2312 5678", "DE", ["+493023125678"]), ("+49/30/23125678", "DE", ["+493023125678"]),
        ("+49 30/23125678", "DE", ["+493023125678"]), ("089/2312/5678", "DE", ["+498923125678"]),
        ("030/23125678/0151/23125678", "DE", ["+4915123125678", "+493023125678"]),
        ("030/23125678 oder 0151/23125678", "DE", ["+4915123125678", "+493023125678"]),
        ("030/23125678/79", "DE", ["+493023125678"]), ("01/5123456", "AT", ["+4315123456"]),
        ("0662/123456", "AT", ["+43662123456"]), ("010/66123456", "CN", ["+861066123456"]),
        ("010、66123456", "CN", ["+861066123456"]), ("138/1111/0001", "CN", ["+8613811110001"]),
        ("010/66123456转801", "CN", ["+861066123456;ext=801"]),
        ("010/66123456/13811110001", "CN", ["+861066123456", "+8613811110001"]),
        ("2号楼/13811110001", "CN", ["+8613811110001"]), ("Li 12/13811110001", "CN", ["+8613811110001"]),
        ("22/9811143210", "IN", ["+919811143210"]), ("02/11/2024", "DE", []),
    ],
)  # fmt: skip  # a table of cases
def test_a_slash_after_an_area_code_is_no_separator(text, region, keys):
    assert phone(text, region)[0] == keys


def test_a_short_extension_of_a_mobile_is_ignored_and_a_long_one_is_kept():
    assert phone("13811110001转5") == (["+8613811110001"], [])
    assert phone("0151 23125678 x5", "DE") == (["+4915123125678"], [])
    assert phone("17011110001转4321") == (["+8617011110001;ext=4321"], [])


def test_a_part_that_is_no_phone_does_not_affect_the_other_part():
    assert phone("138****0001/13900000004") == (["+8613900000004"], ["masked"])


@pytest.mark.parametrize("prefix", ["160", "163", "164", "168", "169"])
def test_a_mobile_of_a_prefix_that_no_operator_has_yet_is_a_phone(prefix):
    number = f"{prefix}11110001"
    assert not phonenumbers.is_valid_number(phonenumbers.parse(number, "CN"))
    assert phone(number) == ([f"+86{number}"], [])


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [("098 111 43210", "IN", "+919811143210"), ("(415) 555-2671", "US", "+14155552671"),
     ("+852 9123 4567", "CN", "+85291234567"),
     ("13811110001", "US", None), ("415-555-2671", "US", "+14155552671"), ("555-2671", "US", None)],
)  # fmt: skip  # a table of cases
def test_a_number_without_country_code_belongs_to_the_region(text, region, key):
    assert phone(text, region)[0] == ([key] if key else [])


@pytest.mark.parametrize("text", ["", "   ", "\u3000"])
def test_a_blank_cell_has_neither_key_nor_reason(text):
    assert phone(text) == ([], [])
    assert email(text) == ([], [])


@given(st.text(alphabet="0123456789+-() .x*/,转ext#eE无a", max_size=40))
def test_any_text_has_keys_or_known_reasons(text):
    keys, reasons = phone(text)
    assert set(reasons) <= set(REASONS["phone"])
    assert bool(keys or reasons) == bool(text.strip(" '\"=`\t"))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (" Li.Wei@Example.COM ", ["li.wei@example.com"]), ("ｌｉ@example.com", ["li@example.com"]),
        ("Li Wei <li@example.com>", ["li@example.com"]), ("mailto:li@example.com", ["li@example.com"]),
        ("a.li@b.cn; c.wu@d.cn", ["a.li@b.cn", "c.wu@d.cn"]), ("a.li@b.cn c.wu@d.cn", ["a.li@b.cn", "c.wu@d.cn"]),
        ("info@agency.cn", ["info@agency.cn"]), ("28371@qq.com", ["28371@qq.com"]), ("1238@x.cn", ["1238@x.cn"]),
    ],
)  # fmt: skip  # a table of cases
def test_an_email_is_the_same_in_any_case_and_width(text, keys):
    assert email(text) == (keys, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("z***@x.com", "masked"), ("***", "masked"), ("none@none.com", "placeholder"), ("no@email.com", "placeholder"),
        ("test@test.com", "placeholder"), ("123456@qq.com", "placeholder"), ("000@163.com", "placeholder"),
        ("无", "placeholder"), ("None", "placeholder"), ("li.wei", "invalid"), ("li@home", "invalid"),
        ("a b@example.com", "invalid"), ("@example.com", "invalid"),
    ],
)  # fmt: skip  # a table of cases
def test_a_text_that_is_no_email_of_one_person_has_a_reason_and_no_key(text, reason):
    assert email(text) == ([], [reason])


_phones = st.from_regex(
    r"((\+|00)?86|\(\+86\)|\+87|0)?[ \t-]?(1[0-9]{2})[ -]{0,2}[0-9]{3,4}[ -]?([0-9]{4}|1111|00000000)[ ;x]?",
    fullmatch=True,
)
_emails = st.from_regex(
    r"[.(]?([A-Za-z0-9_+é-]{1,4}|123|none|No-Reply)\.{0,3}[a-z]?@{1,2}(a|QQ|[a-z0-9.-]{1,5})\.{1,2}(com|c0|\.)[ .;]?",
    fullmatch=True,
)


@settings(deadline=None, max_examples=5)
@given(
    phones=st.lists(st.one_of(_phones, st.sampled_from(["13800138000", "13800000000"])), min_size=60, max_size=300),
    emails=st.lists(st.one_of(_emails, st.sampled_from(["a@a.com", "Test@b.cn", "-"])), min_size=60, max_size=300),
)
def test_sql_reads_plain_texts_as_python_does(phones: list[str], emails: list[str]):
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA rules")
        connection.register("placeholders", pa.Table.from_pylist(rules("placeholder_contacts")))
        connection.execute("CREATE TABLE rules.placeholder_contacts AS SELECT * FROM placeholders")
        for name, sql, texts, read in (
            ("phone", PLAIN_PHONE, [*phones, "13811110001", "(+86)138-1111-0001"], phone),
            ("email", PLAIN_EMAIL, [*emails, "Li.Wei_2@Example.COM"], email),
        ):
            connection.register("texts", pa.table({name: texts}))
            found = connection.execute(f"SELECT {name}, {sql} FROM texts WHERE ({sql}) IS NOT NULL").fetchall()
            assert found
            assert [([key], []) for _, key in found] == [read(text) for text, _ in found]


def test_every_reason_has_a_rule_and_no_label_looks_like_a_phone_or_an_email():
    listed = {row["rule"]: row for row in rules("quality_rules") if row["entity"] == "leads"}
    for kind, reasons in REASONS.items():
        for reason in reasons:
            label = listed[f"{kind}_{reason}"]["label_en"]
            assert "@" not in label and not any(sign.isdigit() for sign in label)
