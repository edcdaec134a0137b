"""Alerts under `tierhouse ui`: the sensors tell of a failed run and of its recovery, each once."""

from __future__ import annotations

import pytest

from tests.browser import dagster_ui
from tests.e2e.ui.test_drop_live import waited
from tests.home import copy_home
from tests.integration.alerts.receivers import serve

GOOD = "id,created,channel\n" + "".join(f"N{n:02},2026-06-29,portal\n" for n in range(10))


@pytest.mark.soak
def test_a_closed_gate_is_told_once_and_so_is_the_next_run_that_passes(young, tmp_path):
    home = copy_home(young.home, tmp_path / "home")
    mapping = home / "sources" / "crm.yml"
    mapping.write_text(mapping.read_text(encoding="utf-8").replace("leads.csv", "leads*.csv"), encoding="utf-8")
    leads = home / "sources" / "leads.csv"
    whole = leads.read_text(encoding="utf-8")
    leads.write_text(whole.replace("2026-06-28", "2026-02-31"), encoding="utf-8")
    server, received = serve()
    address = f"http://127.0.0.1:{received.port}/tierhouse?token=hooksecret1"
    try:
        with dagster_ui(home, TIERHOUSE_ALERT_URLS=address):
            folder = waited(lambda: next((home / "drop").glob("crm"), None), 180, "the source's folder is made")
            waited(lambda: "is not published" in told(received), 300, "the tick tells that yesterday is not published")
            (folder / "leads_july.csv").write_text(GOOD, encoding="utf-8")
            waited(lambda: "Gate gate_raw closed" in told(received), 600, "the failed run is told")
            leads.write_text(whole, encoding="utf-8")
            (folder / "leads_august.csv").write_text(GOOD.replace("N", "M"), encoding="utf-8")
            waited(lambda: "[recovered] Gate gate_raw closed" in told(received), 900, "the recovery is told")
    finally:
        server.shutdown()
        server.server_close()
    messages = told(received)
    assert messages.count("[problem] Gate gate_raw closed") == 1
    assert messages.count("[recovered] Gate gate_raw closed") == 1
    assert "hooksecret1" not in (home / "ui.log").read_text(encoding="utf-8")


def told(received) -> str:
    return "\n".join(received.text("jsons"))
