"""`tierhouse doctor` on a fresh checkout, with wrong settings, and when a check itself fails."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pipelines.cli.doctor import doctor
from pipelines.doctor import examine as examination


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path / "home"))
    return lambda: CliRunner().invoke(doctor)


def test_a_fresh_checkout_gets_answers(run):
    done = run()
    assert "does not exist yet" in done.output and "tierhouse demo" in done.output
    assert done.exit_code == 0 and "0 problems" in done.output


def test_a_problem_ends_with_1_and_says_what_to_do(run, tmp_path):
    (tmp_path / "home" / "sources").mkdir(parents=True)
    (tmp_path / "home" / "sources" / "crm.yml").write_text("source: crm\n")
    done = run()
    assert done.exit_code == 1 and "source crm" in done.output and "correct the mapping" in done.output


def test_wrong_settings_are_a_problem_and_the_installation_is_still_checked(run, monkeypatch):
    monkeypatch.setenv("TIERHOUSE_THREADS", "many")
    monkeypatch.setenv("TIERHOUSE_PSEUDONYM_KEY", "short")
    done = run()
    assert done.exit_code == 1 and "TIERHOUSE_THREADS" in done.output and "dbt manifest" in done.output
    assert "short" not in done.output.replace("shorter", "")


def test_a_check_that_fails_is_a_problem_and_shows_no_value(run, monkeypatch):
    def broken(_settings):
        raise ValueError("13800138000")
        yield

    monkeypatch.setattr(examination, "WITHOUT_HOME", (broken,))
    done = run()
    assert done.exit_code == 1 and "could not be checked: ValueError" in done.output and "138" not in done.output
