"""The rates that a home keeps: what a file may say, and that another file is another version of the rules."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import Settings
from pipelines.rules.check import RulesRefused
from pipelines.rules.fx_rates import assert_rates, write_rates
from pipelines.rules.version import rule_version

HEADER = "currency,valid_from,rate\n"


def written(folder: Path, text: str | None) -> list[tuple]:
    settings = Settings(home=folder)
    if text is not None:
        settings.fx_rates.write_text(HEADER + text, encoding="utf-8")
    with duckdb.connect() as connection:
        write_rates(connection, settings)
        return connection.execute(
            "SELECT * REPLACE (CAST(valid_from AS VARCHAR) AS valid_from) FROM scope.fx_rates"
        ).fetchall()


def test_a_home_without_a_file_has_no_rates_of_its_own(tmp_path: Path) -> None:
    assert written(tmp_path, None) == []


def test_a_file_without_rates_is_refused_but_may_contain_only_the_base(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.fx_rates.write_text(HEADER, encoding="utf-8")
    with pytest.raises(RulesRefused, match="expected at least one row, found none"):
        assert_rates(settings)
    assert len(written(tmp_path, "CNY,1900-01-01,1\n")) == 1


def test_the_lines_of_the_file_are_handed_over(tmp_path: Path) -> None:
    rows = written(tmp_path, "AED,2020-01-01,1.95\nVND,2020-01-01,0.000274\n")
    assert [(code, day, float(rate)) for code, day, rate in rows] == [
        ("AED", "2020-01-01", 1.95),
        ("VND", "2020-01-01", 0.000274),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("XYZ,2020-01-01,2", "fx_rates.csv, line 3: currency: expected a code of ISO 4217 such as USD, found XYZ"),
        ("AED,2020-13-01,2", "fx_rates.csv, line 3: valid_from: expected date, found '2020-13-01'"),
        ("AED,2020-01-01,x", "fx_rates.csv, line 3: rate: expected decimal(18,9), found 'x'"),
        ("AED,2020-01-01,0", "fx_rates.csv, line 3: rate: expected more than 0"),
        ("AED,2020-01-01,", "fx_rates.csv, line 3: rate: expected a value, found none"),
        ("AED,2020-01-01", "fx_rates.csv, line 3: expected 3 fields, found 2"),
        ("CNY,2020-01-01,2", "fx_rates.csv, line 3: rate: expected 1 for CNY"),
        ("USD,2020-01-01,8", "fx_rates.csv, line 3: currency, valid_from: USD / 2020-01-01 is already in line 2"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(tmp_path: Path, line: str, fault: str) -> None:
    settings = Settings(home=tmp_path)
    settings.fx_rates.write_text(f"{HEADER}USD,2020-01-01,7\n{line}\n", encoding="utf-8")
    with pytest.raises(RulesRefused) as refused:
        assert_rates(settings)
    assert fault in str(refused.value)


def test_other_rates_are_another_version_of_the_rules(tmp_path: Path) -> None:
    rates = Settings(home=tmp_path).fx_rates
    versions = [rule_version(rates=rates)]
    for rate in (7, 8):
        rates.write_text(f"{HEADER}USD,2020-01-01,{rate}\n", encoding="utf-8")
        versions.append(rule_version(rates=rates))
    assert len(set(versions)) == 3
    assert versions[0] == rule_version()
