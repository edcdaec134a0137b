"""A publication of a small agency in which every section has something to show."""

from __future__ import annotations

from tests.unit.report.sections.publication import Rows

MONTHS = [f"{year}-{month:02}-01" for year in (2024, 2025, 2026) for month in range(1, 13)][6:30]


def agency() -> dict[str, Rows]:
    """Return the rows of the tables: 40 customers, graded on two days, with 24 months before DAY."""
    grades = [
        {
            "customer_id": f"c{number}",
            "graded_as_of": day,
            "grade": ("ABCD"[number % 4] if day < "2026-06" else moved(number)),
        }
        for day in ("2026-03-31", "2026-05-31", "2026-06-30")
        for number in range(40)
    ]
    return {
        "publication": [{"source_watermarks": '{"crm": "2026-06-30 21:00:00", "old": "2026-06-01 08:00:00"}'}],
        "grade_history": grades,
        "grade_movements": [
            {"grade_from": "A", "grade_to": "A", "direction": "same", "customers": 8, "share_of_from": 0.8},
            {"grade_from": "A", "grade_to": "B", "direction": "down", "customers": 2, "share_of_from": 0.2},
            {"grade_from": "B", "grade_to": "A", "direction": "up", "customers": 3, "share_of_from": 0.3},
            {"grade_from": "B", "grade_to": "B", "direction": "same", "customers": 7, "share_of_from": 0.7},
            {"grade_from": "new", "grade_to": "C", "direction": "new", "customers": 5, "share_of_from": 1.0},
        ],
        "grade_performance": [*performance("2026-03-31", 20), *performance("2026-05-31"), *performance("2026-06-30")],
        "customer_rfm": [
            {
                "customer_id": f"c{number}",
                "frequency": 1 + number % 2,
                "r": 1 + number % 5,
                "f": 3 + number % 2,
                "monetary_total": 10_000 * number,
                "rfm_segment": f"s{number % 3}",
                "rfm_segment_en": "Segment {number % 3}",
                "rfm_segment_zh": f"客群{number % 3}",
            }
            for number in range(1, 31)
        ],
        "model_report": model_report(),
        "kpi_monthly": kpi_monthly(),
        "agent_worklist": [
            {
                "agent_id": f"agent-{number:016x}",
                "priority": place,
                "tasks_of_agent": 4 + number,
                "capacity_per_day": 5,
                "is_overdue": place == 1,
                "customer_id": f"c{number}-{place}",
            }
            for number in range(3)
            for place in (1, 2, 3)
        ],
        "segment_profiles": [
            {
                "persona_id": number,
                "label_en": f"Quiet buyers {number}",
                "label_zh": f"沉寂购房客户{number}",
                "customers": 10 * number,
                "share": number / 6,
                "measure": measure,
                "value": 0.5,
                "words_en": f"{measure} in words",
                "words_zh": f"{measure} 说明",
                "fitted_on": "2026-06-30",
            }
            for number in (1, 2, 3)
            for measure in ("deal_share", "viewings_mean", "rent_share")
        ],
        "winback_outcomes": [
            {
                "origin": "campaign",
                "campaign": "spring",
                "likely_cause": "price",
                "likely_cause_en": "Price",
                "likely_cause_zh": "价格",
                "action": "call",
                "action_en": "Call",
                "action_zh": "致电",
                "treated_customers": 100,
                "treated_returned": 30,
                "hold_out_customers": 50,
                "hold_out_returned": 5,
                "treated_share": 0.3,
                "hold_out_share": 0.1,
                "lift": 0.2,
                "lift_low": 0.09,
                "lift_high": 0.3,
            },
            {
                "origin": "case",
                "campaign": "cases",
                "likely_cause": "service",
                "likely_cause_en": "Service",
                "likely_cause_zh": "服务",
                "action": "visit",
                "action_en": "Visit",
                "action_zh": "拜访",
                "treated_customers": 3,
                "treated_returned": 1,
                "hold_out_customers": 0,
                "hold_out_returned": 0,
                "treated_share": 1 / 3,
            },
        ],
        "winback_cases": [{"case_id": "1", "status": "open", "arm": "hold_out"}],
        "data_quality": [
            quality("unknown_status", 60, 100, 0.05),
            quality("orphan", 1, 200, 0.01),
            quality("fine", 0, 100, 0.05),
        ],
        "history_checks": [
            {
                "check_path": "crm/leads/volume_day",
                "rule": "volume_day",
                "source": "crm",
                "entity": "leads",
                "label_en": "Few rows",
                "label_zh": "记录少",
                "found": 2.0,
                "usual_low": 10.0,
                "usual_high": 20.0,
                "level": "warning",
            },
        ],
    }


def moved(number: int) -> str:
    """The grade of DAY: of four customers the first one falls a grade, and the second one rises."""
    return {0: "B", 1: "A"}.get(number % 4, "ABCD"[number % 4])


def performance(day: str, signed: int | None = None) -> Rows:
    """Rows of a graded day. `signed`: customers with a deal in grade A; a quarter of it in each lower grade."""
    known = [signed // 4**place for place in range(4)] if signed is not None else [None] * 4
    return [
        {
            "graded_as_of": day,
            "grade": grade,
            "customers": 100,
            "outcome_ends_on": "2026-06-29" if signed else "2026-09-28",
            "is_censored": signed is None,
            "customers_deals_known": 100 if signed is not None else None,
            "customers_signed": count,
            "contribution_sum": count and count * 10_000,
            "contribution_mean": count and count * 100,
        }
        for grade, count in zip("ABCD", known, strict=True)
    ]


def model_report() -> Rows:
    row = {"model_version": "d90", "target": "dormancy", "horizon_days": 90, "segment": "all", "snapshot": "2026-03-31"}
    tenant = {**row, "model_version": "t120", "target": "tenant_loss", "horizon_days": 120}
    return [
        {**row, "model": "logistic", "metric": "may_score", "value": 1.0},
        {**row, "model": "logistic", "metric": "scores", "value": 1.0},
        {**row, "model": "logistic", "metric": "rows", "value": 5000.0},
        {**row, "model": "logistic", "metric": "top_decile_lift", "value": 3.0, "low": 2.8, "high": 3.2},
        {**row, "model": "recency_rule", "metric": "pr_auc", "value": 0.4},
        {**row, "model": "recency_rule", "metric": "top_decile_lift", "value": 2.0, "low": 1.8, "high": 2.2},
        {
            **row,
            "model": "logistic",
            "metric": "predicted_to_realised",
            "segment": "as_of=2025-12-31",
            "value": 1.02,
            "low": 0.9,
            "high": 1.2,
            "passed": True,
        },
        {
            **row,
            "model": "logistic",
            "metric": "predicted_to_realised",
            "segment": "as_of=2026-03-31",
            "value": 1.5,
            "low": 1.3,
            "high": 1.7,
            "passed": False,
        },
        {**tenant, "model": "logistic", "metric": "may_score", "value": 0.0},
        {**tenant, "model": "base_rate", "metric": "scores", "value": 1.0},
        {**tenant, "model": "logistic", "metric": "rows", "value": 82.0},
        {**row, "target": "winback", "horizon_days": 60, "model": "not_available", "metric": "available", "value": 0.0},
        {
            **row,
            "target": "purchase_silence",
            "model": "not_offered",
            "metric": "repeat_share",
            "value": 0.08,
            "bar": 0.25,
        },
    ]


def kpi_monthly() -> Rows:
    """Leads grow by one a month. Channel `paid` has a spend of CNY 100 a month; agents answer at different speeds."""
    rows = []
    for at, month in enumerate(MONTHS):
        known = {"month": month, "is_complete": month < "2026-06", "leads": 10 + at, "customers": 10 + at}
        known |= {"viewings": 5, "subscriptions": 2, "signed_deals": 2, "contribution_cny": 50_000, "churn_rate": 0.1}
        known |= {"enquiries_due": 10, "enquiries_in_time": 6, "in_time_share": 0.6, "satisfaction_mean": 4.2}
        rows.append({**known, "dimension": "all", "member": "all", "cost_cny": 100})
        rows.append({**known, "dimension": "channel", "member": "paid", "leads": 10, "cost_cny": 100})
        rows.append({**known, "dimension": "channel", "member": "unknown", "leads": at, "signed_deals": 0})
        for number in range(2):
            agent = {"dimension": "agent", "member": f"agent-{number:016x}", "enquiries_in_time": 2 + number}
            rows.append({**known, **agent, "enquiries_due": 5, "response_hours_median": 20.0, "graded_customers": 20})
        rows.append({**known, "dimension": "team", "member": "north", "response_hours_median": 20.0})
    return rows


def quality(rule: str, failed: int, checked: int, bar: float) -> dict[str, object]:
    return {
        "rule": rule,
        "entity": "leads",
        "label_en": f"Rule {rule} of a lead",
        "label_zh": f"线索规则 {rule}",
        "rows_checked": checked,
        "rows_failed": failed,
        "share": failed / checked,
        "bar": bar,
        "severity": "warn",
    }
