"""How the command line shows errors: a foreseen error in one line, a bug with its frames and without its message."""

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import Tierhouse
from pipelines.errors import REPORT, TierhouseError


def run_command(error_of) -> Result:
    group = Tierhouse("tierhouse")
    group.add_command(click.Command("grade", callback=error_of))
    return CliRunner().invoke(group, ["grade"])


def convert_a_name():
    pd.Series(["Zhang 13800138000"]).astype(float)


def chain_a_name():
    try:
        convert_a_name()
    except ValueError as error:
        raise KeyError("Li 13900139000") from error


def refuse():
    raise TierhouseError("expected a number, got text", file="leads.csv", line=7, field="amount")


def test_a_foreseen_error_is_one_line():
    result = run_command(refuse)
    assert (result.exit_code, result.stderr) == (1, "Error: leads.csv, line 7, amount: expected a number, got text\n")


def test_a_bug_inside_a_library_is_no_foreseen_message():
    result = run_command(convert_a_name)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: unforeseen ValueError\n")
    assert "tests/unit/cli/test_errors_shown.py:" in result.stderr and " in convert_a_name\n" in result.stderr
    assert "    pandas/core/" in result.stderr
    assert result.stderr.endswith(f"{REPORT}\n")
    assert "Zhang" not in result.stderr and "138" not in result.stderr


def test_a_bug_shows_the_error_that_caused_it():
    lines = run_command(chain_a_name).stderr.splitlines()
    assert lines[0] == "Error: unforeseen KeyError" and "caused by ValueError" in lines
    assert not any("Li " in line or "Zhang" in line for line in lines)


@pytest.mark.parametrize("error", [OSError("no strerror"), RuntimeError("x"), ValueError("x")])
def test_builtin_errors_are_bugs(error):
    def fail():
        raise error

    result = run_command(fail)
    assert result.exit_code == 1
    assert f"unforeseen {type(error).__name__}" in result.stderr and REPORT in result.stderr


def test_an_error_keeps_where_it_is():
    error = TierhouseError("expected a number", file="leads.csv", line=7)
    assert (error.file, error.line, error.field, error.reason) == ("leads.csv", 7, None, "expected a number")
    assert str(error) == "leads.csv, line 7: expected a number"
