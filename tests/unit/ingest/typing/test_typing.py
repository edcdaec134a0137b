"""Text to the contract's types: what fits, what does not, and times in their zone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from pipelines.ingest.contract import Field
from pipelines.ingest.mapping.source_mapping import FieldMapping
from pipelines.ingest.typing.types import typed_sql


def typed(kind: str, text: str | None, zone: str = "Asia/Kolkata", **options: object) -> object:
    field = Field("f", kind)
    sql = typed_sql(field, FieldMapping("f", 1, column="f", **options), "text", zone)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET disabled_optimizers = 'common_subexpressions'")
        connection.execute("CREATE TABLE texts AS SELECT ?::VARCHAR AS text", [text])
        return connection.execute(f"SELECT CAST({sql} AS {field.sql_type}) FROM texts").fetchone()[0]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("2025-07-01 10:00:00", {}, "2025-07-01 04:30:00"),
        ("2025-07-01T10:00", {}, "2025-07-01 04:30:00"),
        ("2025-07-01", {}, "2025-06-30 18:30:00"),
        ("2025/7/1", {}, "2025-06-30 18:30:00"),
        ("2025.7.1", {}, "2025-06-30 18:30:00"),
        ("2025年7月1日", {}, "2025-06-30 18:30:00"),
        ("2025年07月01日 10:00", {}, "2025-07-01 04:30:00"),
        ("２０２５／７／１　１０：００", {}, "2025-07-01 04:30:00"),
        ("45839", {}, "2025-06-30 18:30:00"),
        ("45839.4166666667", {}, "2025-07-01 04:30:00"),
        ("20150", {}, None),
        ("99999", {}, None),
        ("2025年13月1日", {}, None),
        ("2025-07-01 10:00:00+08:00", {}, "2025-07-01 02:00:00"),
        ("2025-07-01T10:00:00Z", {}, "2025-07-01 10:00:00"),
        ("2025-06-30 17:30:00 UTC", {}, "2025-06-30 17:30:00"),
        ("2025-06-30 17:30:00 GMT", {}, "2025-06-30 17:30:00"),
        ("2025-06-30 17:30:00UTC", {}, "2025-06-30 17:30:00"),
        ("2025-06-30T17:30:00z", {}, "2025-06-30 17:30:00"),
        ("2025-06-30T17:30Z", {}, "2025-06-30 17:30:00"),
        ("2025-06-30T17:30:00.250Z", {}, "2025-06-30 17:30:00.250000"),
        ("2025/6/30 17:30:00 UTC", {}, "2025-06-30 17:30:00"),
        ("2025年6月30日 17:30 UTC", {}, "2025-06-30 17:30:00"),
        ("2025-07-01 01:30:00 +08:00", {}, "2025-06-30 17:30:00"),
        ("2025-07-01 01:30:00+0800", {}, "2025-06-30 17:30:00"),
        ("2025-07-01 01:30:00+08", {}, "2025-06-30 17:30:00"),
        ("2025-07-01 01:30:00 UTC+8", {}, "2025-06-30 17:30:00"),
        ("2025-07-01 01:30 GMT+08:00", {}, "2025-06-30 17:30:00"),
        ("2025-06-30 14:00:00 -03:30", {}, "2025-06-30 17:30:00"),
        ("2025-07-01 01:30:00 Asia/Shanghai", {}, "2025-06-30 17:30:00"),
        ("2025-07-01T01:30:00Asia/Shanghai", {}, "2025-06-30 17:30:00"),
        ("2025-06-30 14:30:00 America/Argentina/Buenos_Aires", {}, "2025-06-30 17:30:00"),
        ("2025-06-30 17:30:00 Mars/Olympus", {}, None),
        ("2025-06-30 17:30:00 CST", {}, None),
        ("2025-06-30 17:30:00 +25:00", {}, None),
        ("2025-06-30 17:30:00 PM", {}, None),
        ("2025-06-30 17:30:00 x", {}, None),
        ("2025-06-30 Z", {}, None),
        ("24-03-05", {}, None),
        ("5/1/24", {}, None),
        ("24/3/7", {}, None),
        ("24.3.7", {}, None),
        ("24-03-05 10:30:00", {}, None),
        ("24年3月5日", {}, None),
        ("05/01/2024", {}, None),
        ("24-03-05", {"format": "%y-%m-%d"}, "2024-03-04 18:30:00"),
        ("5/1/24", {"format": "%y/%m/%d"}, None),
        ("5/1/24", {"format": "%d/%m/%y"}, "2024-01-04 18:30:00"),
        ("5/1/4", {"format": "%d/%m/%y"}, None),
        ("05/01/24", {"format": "%d/%m/%Y"}, None),
        ("5/1/2024 9:05 PM", {"format": "%d/%m/%Y %I:%M %p"}, "2024-01-05 15:35:00"),
        ("20240105", {"format": "%Y%m%d"}, "2024-01-04 18:30:00"),
        ("240105", {"format": "%y%m%d"}, "2024-01-04 18:30:00"),
        ("05.01.2024", {"format": "%d.%m.%Y"}, "2024-01-04 18:30:00"),
        ("05x01x2024", {"format": "%d.%m.%Y"}, None),
        ("18-05-2025 07:59", {"format": "%d-%m-%Y %H:%M"}, "2025-05-18 02:29:00"),
        ("18-05-2025 07:59 +0200", {"format": "%d-%m-%Y %H:%M %z"}, "2025-05-18 05:59:00"),
        ("31-02-2025 07:59", {"format": "%d-%m-%Y %H:%M"}, None),
        ("31-02-2025", {}, None),
        ("2025-02-30", {}, None),
        ("infinity", {}, None),
        ("epoch", {}, None),
        (None, {}, None),
    ],
)
def test_times_become_utc(text: str | None, options: dict, expected: str | None) -> None:
    value = typed("timestamp", text, **options)
    assert (value and str(value)) == expected


def test_summer_time_is_that_of_the_zone() -> None:
    assert str(typed("timestamp", "2011-07-01 12:00:00", "Europe/London")) == "2011-07-01 11:00:00"
    assert str(typed("timestamp", "2011-01-01 12:00:00", "Europe/London")) == "2011-01-01 12:00:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2025-03-30 02:30:00", "2025-03-30 01:30:00"), ("2025-10-26 02:30:00", "2025-10-26 01:30:00")],
)
def test_skipped_times_are_an_hour_later_and_doubled_ones_the_second(text: str, expected: str) -> None:
    assert str(typed("timestamp", text, "Europe/Berlin")) == expected
    assert str(typed("timestamp", f"{text} Europe/Berlin")) == expected


@pytest.mark.parametrize(
    ("kind", "text", "options", "expected"),
    [
        ("date", "2025-03-07", {}, date(2025, 3, 7)),
        ("date", "2025年3月7日", {"format": "%Y年%m月%d日"}, date(2025, 3, 7)),
        ("date", "2025年3月7日", {}, date(2025, 3, 7)),
        ("date", "45723", {}, date(2025, 3, 7)),
        ("date", "2025-03-07", {"format": "%Y年%m月%d日"}, None),
        ("date", "2025-13-01", {}, None),
        ("date", "24-03-07", {}, None),
        ("date", "5/1/24", {}, None),
        ("date", "2025-03-07 x", {}, None),
        ("date", "2025-03-07 25:00", {}, None),
        ("date", "2025/3/7 10:30", {}, date(2025, 3, 7)),
        ("date", "2025-03-07 20:30:00 UTC", {}, date(2025, 3, 8)),
        ("date", "2025-03-07T20:30:00Z", {}, date(2025, 3, 8)),
        ("date", "2025-06-30T20:30:00+0000", {"format": "%Y-%m-%dT%H:%M:%S%z"}, date(2025, 7, 1)),
        ("date", "2025-06-30 20:30:00 Europe/London", {"format": "%Y-%m-%d %H:%M:%S %Z"}, date(2025, 7, 1)),
        ("date", "5/1/24", {"format": "%y/%m/%d"}, None),
        ("date", "24-03-05", {"format": "%Y-%m-%d"}, None),
        ("money", "--500", {"decimal": "."}, None),
        ("money", "- $-500", {"decimal": "."}, None),
        ("money", "-+500", {"decimal": ","}, None),
        ("money", "$ -500", {"decimal": "."}, Decimal(-500)),
        ("money", "- $ 500", {"decimal": "."}, Decimal(-500)),
        ("money", "+500 EUR", {"decimal": "."}, Decimal(500)),
        ("number", "--8", {"decimal": "."}, None),
        ("money", "12.34567", {}, Decimal("12.3457")),
        ("money", "300", {"scale": Decimal(10000)}, Decimal("3000000.0000")),
        ("money", "99999999999", {"scale": Decimal(10000)}, None),
        ("money", "1,200", {}, None),
        ("money", "1,200元", {}, Decimal("1200.0000")),
        ("money", "12,00元", {}, None),
        ("money", "３８０．５", {"scale": Decimal(10000)}, Decimal("3805000.0000")),
        ("money", "380万", {}, Decimal("3800000.0000")),
        ("money", "380 万元", {"scale": Decimal(10000)}, Decimal("3800000.0000")),
        ("money", "￥3,800,000元", {"scale": Decimal(10000)}, Decimal("3800000.0000")),
        ("money", "1.2亿", {}, Decimal("120000000.0000")),
        ("money", "-5万", {}, Decimal("-50000.0000")),
        ("money", "约380万", {}, None),
        ("money", "万", {}, None),
        ("money", "-3", {}, Decimal("-3.0000")),
        ("money", "310,000", {"decimal": "."}, Decimal(310_000)),
        ("money", "310,000", {"decimal": ",", "scale": Decimal(10000)}, Decimal(3_100_000)),
        ("money", "850.000", {"decimal": ","}, Decimal(850_000)),
        ("money", "1.250.000", {"decimal": ","}, Decimal(1_250_000)),
        ("money", "415.000,50 €", {"decimal": ","}, Decimal("415000.50")),
        ("money", "1.250.000 EUR", {"decimal": ","}, Decimal(1_250_000)),
        ("money", "US$ 1,250.50", {"decimal": "."}, Decimal("1250.50")),
        ("money", "-€ 1,250.50", {"decimal": "."}, Decimal("-1250.50")),
        ("money", "$-1,250", {"decimal": "."}, Decimal(-1250)),
        ("money", "\u22121.250", {"decimal": ","}, Decimal(-1250)),
        ("money", "1 250 000,5", {"decimal": ","}, Decimal("1250000.5")),
        ("money", "1\u202f250\u202f000,5", {"decimal": ","}, Decimal("1250000.5")),
        ("money", "1\u00a0250", {"decimal": "."}, Decimal(1250)),
        ("money", "1'250'000.75", {"decimal": "."}, Decimal("1250000.75")),
        ("money", "1’250", {"decimal": "."}, Decimal(1250)),
        ("money", "１，２５０", {"decimal": "."}, Decimal(1250)),
        ("money", "1,250", {"decimal": ".", "scale": Decimal(10000)}, Decimal(12_500_000)),
        ("money", "1,2亿", {"decimal": ","}, Decimal(120_000_000)),
        ("money", "1.250,5 万元", {"decimal": ",", "scale": Decimal(10000)}, Decimal(12_505_000)),
        ("money", "1,250万", {"decimal": "."}, Decimal(12_500_000)),
        ("money", "12,50", {"decimal": "."}, None),
        ("money", "1,25,000", {"decimal": "."}, Decimal(125_000)),
        ("money", "12,5,000", {"decimal": "."}, None),
        ("money", "1,250.000.5", {"decimal": "."}, None),
        ("money", "850.00", {"decimal": ","}, None),
        ("money", "0.125", {"decimal": ","}, None),
        ("money", "1.250'000", {"decimal": ","}, None),
        ("money", "1,250 pieces", {"decimal": "."}, None),
        ("money", "310,000", {}, None),
        ("number", "1.089,5", {"decimal": ","}, 1089.5),
        ("number", "1,089.5", {"decimal": "."}, 1089.5),
        ("number", "89,5", {"decimal": ","}, 89.5),
        ("number", "89,5", {"decimal": "."}, None),
        ("integer", "1,200", {"decimal": "."}, 1200),
        ("integer", "1.200", {"decimal": ","}, 1200),
        ("integer", "1.200", {"decimal": "."}, None),
        ("number", "1e3", {}, 1000.0),
        ("number", "nan", {}, None),
        ("number", "inf", {}, None),
        ("integer", "30.0", {}, 30),
        ("integer", "3.7", {}, None),
        ("integer", "３０", {}, 30),
        ("number", "８９．５", {}, 89.5),
        ("number", "89平", {}, None),
        ("currency", "AED", {}, "AED"),
        ("currency", " c n y", {}, "CNY"),
        ("currency", "RMB", {}, "CNY"),
        ("currency", "￥", {}, "CNY"),
        ("currency", "人民币", {}, "CNY"),
        ("currency", "hk$", {}, "HKD"),
        ("currency", "XXX", {}, None),
        ("currency", "QQQ", {}, None),
        ("currency", "$", {}, None),
        ("boolean", "True", {}, True),
        ("boolean", "perhaps", {}, None),
        ("boolean", "是", {"values": (("是", "true"), ("否", "false"))}, True),
        ("text", "Select", {"values": (("Web", "online/website"), ("Select", None))}, None),
        ("text", "Web", {"values": (("Web", "online/website"), ("Select", None))}, "online/website"),
    ],
)
def test_values_fit_their_type_or_are_null(kind: str, text: str, options: dict, expected: object) -> None:
    assert typed(kind, text, **options) == expected


@pytest.mark.parametrize("text", ["2025年3月7日", "2025-03-07", "2025-03-07 00:00:00"])
def test_real_dates_of_a_workbook_fit_beside_a_pattern(text: str) -> None:
    mapping = FieldMapping("f", 1, column="f", format="%Y年%m月%d日")
    sql = typed_sql(Field("f", "date"), mapping, "text", "Asia/Shanghai", cells=True)
    assert duckdb.sql(f"SELECT {sql} FROM (SELECT '{text}' AS text)").fetchone() == (date(2025, 3, 7),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-06-30 17:30:00", "2025-06-30 09:30:00"),
        ("2025-06-30T17:30:00+0000", "2025-06-30 17:30:00"),
        ("24-06-30", None),
    ],
)
def test_real_dates_of_a_workbook_are_local_beside_a_pattern_with_a_zone(text: str, expected: str | None) -> None:
    mapping = FieldMapping("f", 1, column="f", format="%Y-%m-%dT%H:%M:%S%z")
    sql = typed_sql(Field("f", "timestamp"), mapping, "text", "Asia/Shanghai", cells=True)
    (value,) = duckdb.sql(f"SELECT {sql} FROM (SELECT '{text}' AS text)").fetchone()
    assert (value and str(value)) == expected
