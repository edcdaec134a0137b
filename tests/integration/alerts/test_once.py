"""Each event is sent once when its fault is planted, and its recovery once, to channels that fail in between."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from pipelines.alerts.evaluate import check_and_send
from pipelines.home.remembered import SettingsChanged
from pipelines.home.settings import Settings
from pipelines.orchestration.causes import Cause
from tests.integration.alerts.receivers import ADDRESSES, SECRETS
from tests.planted_home import publish, record_run

CUSTOMERS = [("c0ffee" * 5, "urgent", 12_000), ("decade" * 5, "urgent", 8_000), ("facade" * 5, "high", 500)]
SILENT = [("crm", "leads", "silence", 21, None, 3, "warning")]
FEW = [("crm", "leads", "volume_day", 9, 180, 260, "warning")]
GATE = Cause("staged_batches", "raw.batches.quarantined_share: found 0.3, expected at most 0.05 (error)", "gate_raw")


class Home:
    """A planted home with one channel, and a clock."""

    def __init__(self, path: Path, receiver, monkeypatch: pytest.MonkeyPatch, kind: str = "wecombot") -> None:
        self.path, self.receiver, self.kind = path, receiver, kind
        self.settings = Settings(home=path, alert_urls=ADDRESSES[kind], alert_language="both")
        self.problems: list[str] = []
        self.causes = {}
        self.at = "2026-07-01 08:00"
        monkeypatch.setattr(
            Settings, "now", lambda settings: datetime.fromisoformat(self.at).replace(tzinfo=settings.zone)
        )

    def evaluate(self) -> list[str]:
        """Evaluate twice; return the new messages. The second evaluation sends nothing unless a delivery failed."""
        before = len(self.receiver.text(self.kind))
        for _ in range(2):
            check_and_send(self.settings, lambda run_id: self.causes[run_id], self.problems.append)
        return self.receiver.text(self.kind)[before:]


@pytest.fixture
def home(tmp_path, receiver, monkeypatch):
    publish(tmp_path, "2026-06-30")
    return Home(tmp_path, receiver, monkeypatch)


def plant(home: Home, fault: str) -> None:
    if fault == "failed":
        record_run(home.path, "daily_grading", "2026-06-30", "FAILURE", "run1")
        home.causes["run1"] = [Cause("scores", "disk full")]
    elif fault == "gate":
        record_run(home.path, "daily_grading", "2026-06-30", "FAILURE", "run1")
        home.causes["run1"] = [GATE]
    elif fault == "postgres":
        record_run(home.path, "daily_grading", "2026-06-30", "FAILURE", "run1")
        home.causes["run1"] = [Cause("report", "disk full"), Cause("postgres_publication", "connection refused")]
    elif fault == "killed":
        record_run(home.path, "train", "2026-06-30", "STARTED", "run1")
    elif fault == "late":
        home.at = "2026-07-02 09:01"
    elif fault == "silent":
        publish(home.path, "2026-06-30", checks=SILENT)
    elif fault == "few":
        publish(home.path, "2026-06-30", checks=FEW)
    elif fault == "urgent":
        publish(home.path, "2026-06-30", warned=CUSTOMERS)
    elif fault == "drift":
        publish(home.path, "2026-06-30", drifted=["viewings_per_30d", "days_since_contact"])


def repair(home: Home, fault: str) -> None:
    if fault in ("failed", "gate", "postgres"):
        record_run(home.path, "daily_grading", "2026-06-30", "SUCCESS", "run2")
    elif fault == "killed":
        record_run(home.path, "train", "2026-06-30", "SUCCESS", "run2")
    publish(home.path, "2026-07-01")


EXPECTED = {
    "failed": ("Run failed: daily grading of 2026-06-30, step scores", "运行失败", "disk full"),
    "gate": ("Gate gate_raw closed: daily grading of 2026-06-30", "质量关卡 gate_raw 未通过", "found 0.3"),
    "postgres": (
        "2026-06-30 is published, but the report is not made, PostgreSQL is not updated",
        "2026-06-30 已发布，但报告未生成，PostgreSQL 未更新",
        "connection refused",
    ),
    "killed": ("Run failed: training of 2026-06-30", "运行失败", "killed, or the machine went down"),
    "late": ("2026-07-01 is not published", "未按时发布", "due at 09:00"),
    "silent": ("Source crm is silent: leads", "来源 crm 无新增线索", "No new row for 21 days"),
    "few": (
        "Source crm delivers few rows: leads",
        "来源 crm 的线索骤减",
        "9 rows on 2026-06-30, usually about 220 (4%)",
    ),
    "urgent": ("2 urgent customers on 2026-06-30", "紧急预警客户 2 位", "urgent 2 (CNY 20,000), high 1 (CNY 500)"),
    "drift": ("Drift: model of dormancy, 90 days", "数据漂移", "2 features differ from training"),
}


@pytest.mark.parametrize("fault", [*EXPECTED])
def test_an_event_is_sent_once_and_its_recovery_once(home, fault):
    assert home.evaluate() == []
    plant(home, fault)
    (alert,) = home.evaluate()
    assert all(part in alert for part in EXPECTED[fault]) and "1 new" in alert
    assert home.evaluate() == []
    repair(home, fault)
    (recovery,) = home.evaluate()
    assert EXPECTED[fault][0] in recovery and "[recovered]" in recovery and "【恢复】" in recovery
    assert home.evaluate() == [] and not home.problems


def test_several_events_of_one_evaluation_are_one_message(home):
    publish(home.path, "2026-06-30", warned=CUSTOMERS, checks=SILENT, drifted=["viewings_per_30d"])
    plant(home, "gate")
    (message,) = home.evaluate()
    assert "4 new" in message and message.index("gate_raw") < message.index("silent") < message.index("urgent")


def test_the_same_failure_of_the_next_days_is_not_sent_again_and_another_one_is(home):
    plant(home, "gate")
    assert len(home.evaluate()) == 1
    record_run(home.path, "daily_grading", "2026-07-01", "FAILURE", "run2")
    home.causes["run2"] = [GATE._replace(reason="found 0.4")]
    assert home.evaluate() == []
    record_run(home.path, "daily_grading", "2026-07-02", "FAILURE", "run3")
    home.causes["run3"] = [Cause("scores", "disk full")]
    (message,) = home.evaluate()
    assert "disk full" in message and "recovered" not in message


def test_a_canceled_run_changes_nothing(home):
    plant(home, "gate")
    home.evaluate()
    record_run(home.path, "daily_grading", "2026-06-30", "CANCELED", "run2")
    assert home.evaluate() == []


def test_urgent_customers_are_sent_once_a_day(home):
    plant(home, "urgent")
    assert len(home.evaluate()) == 1
    publish(home.path, "2026-07-01", warned=CUSTOMERS)
    (message,) = home.evaluate()
    assert "2026-07-01" in message and "recovered" not in message


@pytest.mark.parametrize("fault", ["500", "hang"])
def test_a_failed_delivery_is_sent_later_once_with_what_happened_meanwhile(home, fault, monkeypatch):
    monkeypatch.setattr("pipelines.alerts.notify.DEADLINE_SECONDS", 0.2)
    home.receiver.fault = fault
    plant(home, "gate")
    assert home.evaluate() == [] and len(home.problems) == 2
    plant(home, "late")
    assert home.evaluate() == []
    repair(home, "gate")
    home.at = "2026-07-02 09:02"
    assert home.evaluate() == []
    home.receiver.fault = None
    (message,) = home.evaluate()
    assert message.count("gate_raw") >= 2 and "2 new, 2 recovered" in message
    assert home.evaluate() == []
    assert not any(secret in problem for secret in SECRETS for problem in home.problems)


def test_each_channel_gets_each_event_once_whatever_the_others_do(home):
    slack = ADDRESSES["slack"].replace("T0AAAAAAA", "T0ZZZZZZZ")
    home.settings = Settings(home=home.path, alert_urls=f"{ADDRESSES['wecombot']} {slack} {ADDRESSES['feishu']}")
    plant(home, "gate")
    assert len(home.evaluate()) == 1
    assert len(home.receiver.text("feishu")) == 1
    assert home.problems == ["alert not delivered to channel 2 slack: HTTP 404; the next evaluation sends it again"] * 2


def test_a_new_channel_gets_the_open_events(home):
    plant(home, "gate")
    assert len(home.evaluate()) == 1
    home.settings = Settings(home=home.path, alert_urls=f"{ADDRESSES['wecombot']} {ADDRESSES['dingtalk']}")
    assert home.evaluate() == []
    (message,) = home.receiver.text("dingtalk")
    assert "gate_raw" in message


def test_a_kill_between_state_and_delivery_loses_nothing(home, monkeypatch):
    plant(home, "gate")

    def killed(_messages):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("pipelines.alerts.notify.deliver", killed)
        home.evaluate()
    assert len(home.evaluate()) == 1


def test_a_damaged_state_is_reported_and_open_events_are_sent_again(home):
    plant(home, "gate")
    home.evaluate()
    (home.path / "alerts" / "state.json").write_text("{")
    assert len(home.evaluate()) == 1
    assert len(home.problems) == 1 and "expected the state of alerts" in home.problems[0]


def test_no_message_and_no_file_contains_a_secret_or_a_customer(home):
    home.settings = Settings(home=home.path, alert_urls=" ".join(ADDRESSES.values()))
    record_run(home.path, "daily_grading", "2026-06-30", "FAILURE", "run1")
    home.causes["run1"] = [Cause("landing", "row of 王小明, +86 138 0013 8000, wang@example.com")]
    publish(home.path, "2026-06-30", warned=CUSTOMERS, checks=SILENT)
    home.evaluate()
    texts = [json.dumps(content, ensure_ascii=False) for _, content in home.receiver.received]
    stored = [file.read_text() for file in (home.path / "alerts").iterdir()]
    private = [*(customer for customer, _, _ in CUSTOMERS), "138 0013 8000", "wang@example.com"]
    assert len(texts) == len(ADDRESSES)
    assert not [word for word in private for text in (*texts, *stored) if word in text]
    assert not [secret for secret in SECRETS for text in stored if secret in text]
    assert (home.path / "alerts").stat().st_mode & 0o077 == 0


def test_a_run_that_cannot_begin_is_sent_once_until_a_run_has_begun(home, monkeypatch):
    from pipelines.cli.alerts import sends_alerts

    @sends_alerts
    def run_job(_settings, _name, _days):
        raise SettingsChanged("TIERHOUSE_TIMEZONE is Asia/Dubai, and this home was made with Asia/Shanghai")

    monkeypatch.setattr("pipelines.orchestration.progress.PROGRESS.say", home.problems.append)
    for _ in range(2):
        with pytest.raises(SettingsChanged):
            run_job(home.settings, "daily_grading", [date(2026, 6, 30)])
    (alert,) = home.receiver.text(home.kind)
    assert "Run did not begin: daily grading of 2026-06-30" in alert and "made with Asia/Shanghai" in alert
    assert home.evaluate() == []
    record_run(home.path, "daily_grading", "2026-06-30", "SUCCESS", "run2")
    (recovery,) = home.evaluate()
    assert "[recovered] Run did not begin" in recovery and not home.problems


def test_alerts_never_fail_a_run(home, monkeypatch):
    from pipelines.cli.alerts import sends_alerts

    monkeypatch.setattr("pipelines.orchestration.progress.PROGRESS.say", home.problems.append)
    monkeypatch.setattr("pipelines.alerts.evaluate.open_events", lambda *_: 1 / 0)
    assert sends_alerts(lambda *_: "graded")(home.settings, "daily_grading", [date(2026, 6, 30)]) == "graded"
    assert home.problems[0].startswith("alerts were not evaluated: ZeroDivisionError")


def test_a_message_about_a_run_links_to_its_page(home):
    home.settings = Settings(
        home=home.path, alert_urls=ADDRESSES["wecombot"], ui_origin="https://tierhouse.example.com"
    )
    plant(home, "gate")
    (message,) = home.evaluate()
    assert "https://tierhouse.example.com/runs/run1" in message
