"""Alerts under `tierhouse ui`: the sensors send a late publication and each failed run, once."""

from __future__ import annotations

import pytest

from tests.browser import dagster_ui
from tests.e2e.ui.test_drop_live import waited
from tests.home import copy_home
from tests.integration.alerts.receivers import serve

GOOD = "id,created,channel\n" + "".join(f"N{n:02},2026-06-29,portal\n" for n in range(10))


@pytest.mark.soak
def test_a_late_publication_and_each_closed_gate_are_sent_once(young, tmp_path):
    """The files of the young agency end months ago, so a run for today fails at the gate of history at the latest."""
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
            waited(
                lambda: "is not published" in all_messages(received),
                300,
                "the message that yesterday is not published arrives",
            )
            (folder / "leads_july.csv").write_text(GOOD, encoding="utf-8")
            waited(
                lambda: "Gate gate_raw closed" in all_messages(received), 600, "the message of the failed run arrives"
            )
            leads.write_text(whole, encoding="utf-8")
            (folder / "leads_august.csv").write_text(GOOD.replace("N", "M"), encoding="utf-8")
            waited(
                lambda: "Gate gate_history closed" in all_messages(received),
                900,
                "the message of the next run, which fails at a later gate, arrives",
            )
    finally:
        server.shutdown()
        server.server_close()
    messages = all_messages(received)
    for gate in ("gate_raw", "gate_history"):
        assert messages.count(f"[problem] Gate {gate} closed") == 1
    assert messages.count("is not published (") == 1
    assert "hooksecret1" not in (home / "ui.log").read_text(encoding="utf-8")


def all_messages(received) -> str:
    return "\n".join(received.text("jsons"))
