"""Phones and e-mails as people write them, in texts and in ids."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.texts.shapes import CONTACT_IN_PLAIN_ID, PLAIN_ID, is_contact, is_contact_id
from tests.unit.gates.test_identifiers import FOUND, NOT_FOUND

CONTACTS = [
    *FOUND,
    "一三八一二三四五六七八",
    "壹叁捌 一二三四 五六七八",
    "١٣٨١٢٣٤٥٦٧٨",
    "①③⑧①②③④⑤⑥⑦⑧",
    "𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
    "13８一2345678",
    "1\u200b3\u200b8\u200b12345678",
    "13812345678\n",
    "vip\n13812345678",
    "wang(at)example.cn",
    "wang at example.cn",
    "wang AT example dot cn",
    "wang[at]example[dot]cn",
    "wang（at）example。cn",
    "ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ",
    "138、1234、5678",
    "138,1234,5678",
    "138−1234−5678",
    "138'1234'5678",
    "138     1234 5678",
    "138 2000 4500",
    "138-1998-2000",
    "021-2000-1200",
    "(010)20001200",
    "in 2025 65123456",
]
LABELS = [
    *NOT_FOUND,
    "online/portal",
    "安亭小镇",
    "二〇二六年",
    "金三银四",
    "met at home. Then",
    "look at this",
    "20260630_spring",
    "winback/2024-07/price/message",
    "agent-1381234567812345",
    "rules-138123456789",
    "dormancy-90-20260630-1381234567",
    "1号院",
    "Block 1204-1305",
    "双11-2025",
    "Q3 2025 0800-2000",
    "2024-2025",
    "２０２４－２０２５ spring",
    "2025Q1-2025Q4",
    "2025.11.01-2025.11.30",
    "2025/1/1-2025/12/31",
    "20251101-20251130",
    "2025-11-11-0800",
    "open house 10:00-12:00 2025-06-01",
    "10000-20000元",
    "150000-200000",
    "13000-100000",
    "1000-1500万",
    "12000000",
    "13,812,345,000 rows",
    "GZ-2025-0012-01",
    "WX20251111001",
    "cmp-000012345",
    "618大促2025",
    "120-144㎡",
]
CONTACT_IDS = [
    "13812345678",
    "+8613812345678",
    "0086 138 1234 5678",
    "１３８１２３４５６７８",
    "一三八一二三四五六七八",
    "a@b.cn",
    "021-65432100",
    "(021) 65432100",
    "+49 30 1234567",
    "L-13812345678",
    "wang(at)x.cn",
    "138-1234-5678",
    "(010)65432100",
]
IDS = [
    "101108123456",
    "L000001",
    "2026063012",
    "C-2024-000123",
    "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204",
    "20250101123456",
    "12345678",
    "property-1381234567812345",
]


@pytest.mark.parametrize("text", CONTACTS)
def test_a_contact_is_recognized_in_every_script_and_spelling(text):
    assert is_contact(text)


@pytest.mark.parametrize("text", LABELS)
def test_a_label_is_no_contact(text):
    assert not is_contact(text)


@pytest.mark.parametrize("text", CONTACT_IDS)
def test_an_id_that_is_a_contact_is_one(text):
    assert is_contact_id(text)


@given(
    st.one_of(
        st.from_regex(r"[A-C(+@]?[- ]?(0086|\+?86)?[ -]?[01][0-9 ()-]{8,16}", fullmatch=True), st.text(" -019(+@at.x")
    )
)
@example("021 65432100")
def test_ids_that_the_engine_skips_contain_no_contact(text):
    if re.fullmatch(PLAIN_ID, text) and not re.search(CONTACT_IN_PLAIN_ID, text):
        assert not is_contact_id(text)


@pytest.mark.parametrize("text", IDS)
def test_a_long_number_is_an_id(text):
    assert not is_contact_id(text)
