"""`tierhouse settings`: show and accept changed settings."""

import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.home.prepare import check_home, take_home
from pipelines.home.remembered import SettingsChanged
from pipelines.home.settings import load_settings


@pytest.fixture
def moved(monkeypatch, tmp_path):
    """A home that was made in Shanghai, and an environment that says Dubai."""
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    take_home(load_settings(), print)
    monkeypatch.setenv("TIERHOUSE_TIMEZONE", "Asia/Dubai")


@pytest.mark.usefixtures("moved")
def test_it_shows_what_differs():
    result = CliRunner().invoke(cli, ["settings"])
    assert result.exit_code == 0
    (line,) = [line for line in result.output.splitlines() if line.startswith("timezone")]
    assert line.split() == ["timezone", "Asia/Shanghai", "Asia/Dubai", "(differs:", "runs", "are", "refused)"]


@pytest.mark.usefixtures("moved")
def test_a_change_is_accepted_only_with_a_reason():
    with pytest.raises(SettingsChanged):
        check_home(load_settings(), print)
    assert CliRunner().invoke(cli, ["settings", "--accept", " "]).exit_code == 1
    with pytest.raises(SettingsChanged):
        check_home(load_settings(), print)
    result = CliRunner().invoke(cli, ["settings", "--accept", "the office has moved"])
    assert result.exit_code == 0 and "every day begins and ends at another time" in result.output
    check_home(load_settings(), print)


def test_it_creates_no_home(monkeypatch, tmp_path):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path / "none"))
    result = CliRunner().invoke(cli, ["settings"])
    assert result.exit_code == 1 and "there is no home" in result.output
