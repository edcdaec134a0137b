"""Encoding and delimiter from the first bytes."""

from __future__ import annotations

import pytest

from pipelines.ingest.reading.sniff import sniff_delimiter, sniff_encoding

CHINESE = "客户姓名,手机号,来源渠道\n张三,16000000001,自然到访\n李雷,16000000002,抖音\n"
TRADITIONAL = "客戶姓名,手機號碼,來源管道,預算(萬)\n張三,0910000001,自然來訪,三百萬\n李雷,0910000002,臉書廣告,五百萬\n"
RUSSIAN = "имя,телефон,город\nИван Петров,16000000001,Москва\nАнна,16000000002,Казань\n"
EUROPEAN = "name,città,straße\nÉlan Müller,Málaga,Königsallee\nZoë,Orléans,Größe\n"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_of_chinese_text_is_detected(encoding: str) -> None:
    assert sniff_encoding(CHINESE.encode(encoding)) == encoding
    assert sniff_encoding((CHINESE * 300).encode(encoding)[:10_001]) == encoding


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [(TRADITIONAL, "big5", "big5hkscs"), (TRADITIONAL, "gb18030", "gb18030"), (RUSSIAN, "cp1251", "cp1251")],
)
def test_big5_gb18030_and_cyrillic_are_told_apart(text: str, encoding: str, expected: str) -> None:
    for sample in (text, text * 300):
        found = sniff_encoding(sample.encode(encoding))
        assert found == expected
        assert sample.encode(encoding).decode(found) == sample


def test_a_byte_order_mark_is_utf_8_and_latin_letters_are_not_chinese() -> None:
    assert sniff_encoding(CHINESE.encode("utf-8-sig")) == "utf-8"
    assert sniff_encoding(EUROPEAN.encode("cp1252")) == "cp1252"
    assert sniff_encoding(EUROPEAN.encode()) == "utf-8"
    assert sniff_encoding(b"a,b\n1,2\n") == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_splits_all_lines_into_as_many_fields(delimiter: str) -> None:
    lines = [["name", "note", "price"], ["A", "x y", "1"], ["B", '"a,b;c"', "2"]]
    assert sniff_delimiter("\n".join(delimiter.join(line) for line in lines)) == delimiter


def test_decimal_commas_do_not_split_columns_and_a_single_column_has_no_delimiter() -> None:
    assert sniff_delimiter("a;b\n1,5;2,5\n3,5;4,5\n") == ";"
    assert sniff_delimiter("a\n1\n2\n") == ","
