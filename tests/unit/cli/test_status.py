"""`tierhouse status`: runs with start and duration, models line by line."""

from __future__ import annotations

import json

from pipelines.cli.show import show_status
from pipelines.home.settings import Settings
from tests.planted_home import record_run


def test_a_run_has_its_start_in_business_time_and_its_duration(tmp_path, capsys):
    record_run(tmp_path, "daily_grading", "2026-06-30", "SUCCESS", "9ebb3a5f")
    show_status(Settings(home=tmp_path, timezone="Asia/Shanghai"))
    expected = "9ebb3a5f daily_grading 2026-06-30 success, started 1970-01-01 08:00, took 2 min 3 s\n"
    assert expected in capsys.readouterr().out


def test_each_model_has_a_line(tmp_path, capsys):
    promoted = {"event": "promoted", "trained_through": "2026-06-21", "decision": {}}
    decisions = {name: [{**promoted, "model_id": f"{name}-a"}] for name in ("intent-90", "dormancy-60")}
    (tmp_path / "model_store").mkdir()
    (tmp_path / "model_store" / "champions.json").write_text(json.dumps(decisions))
    show_status(Settings(home=tmp_path))
    assert "models     dormancy-60-a\n           intent-90-a\n" in capsys.readouterr().out
