"""Clean tables of each gate as pandas frames of DuckDB: 60 customers, one day; every rule of the suites applies."""

from __future__ import annotations

import duckdb
import pandas as pd

LINEAGE = """
    'crm:' || i AS row_key, md5(i::VARCHAR) AS content_hash, 'crm' AS source, 'leads.csv' AS file, i + 2 AS line,
    'b1' AS batch, TIMESTAMP '2026-06-30 18:00:00' AS ingested_at, TIMESTAMP '2026-06-30 17:00:00' AS known_at,
    'L' || i AS lead_id
"""
DAY = "DATE '2026-06-30' AS as_of"
PSEUDONYM = "sha256(i::VARCHAR) AS customer_id"
RFM = """
    i % 200 AS recency_days, 1 + i % 3 AS frequency, (5000 + i)::DECIMAL(18, 4) AS monetary_total,
    1 + i % 5 AS r, 3 AS f, 4 AS m, (1 + i % 5) || '34' AS rfm_code, 'loyal' AS rfm_segment
"""
VERSIONS = "'rules-012345678901' AS rule_version, 'dormancy-20260531' AS model_version"
GRADED = f"['A', 'B', 'C', 'D'][1 + i % 4] AS grade, i % 101 AS score, {VERSIONS}"
PROBABILITY = "round(0.02 + 0.01 * (i % 60), 6)::DOUBLE AS churn_probability"
REASONS = """
    'Last contact ' || i || ' days ago' AS reason_1, 'One viewing in 60 days' AS reason_2,
    'Budget not known' AS reason_3
"""
CONTRIBUTIONS = "0.5::DOUBLE AS contribution_1, 0.25::DOUBLE AS contribution_2, -0.125::DOUBLE AS contribution_3"

QUERIES: dict[str, dict[str, str]] = {
    "raw": {
        "files": """
            'crm' AS source, 'file_' || i || '.csv' AS file, 'leads' AS entity, 100 AS lines, 90 AS accepted,
            2 AS quarantined, 8 AS known, 0 AS unaccounted, 0.02::DOUBLE AS quarantined_share, 0.05::DOUBLE AS bar,
            -0.03::DOUBLE AS over_bar, 0.01::DOUBLE AS emptied_share, -0.04::DOUBLE AS emptied_over_bar,
            0 AS unread_fields
        """,
        "staged_leads": f"""
            {LINEAGE}, TIMESTAMP '2026-06-01 09:00:00' AS created_at, 100::DECIMAL(18, 4) AS budget_min,
            CASE WHEN i % 2 = 0 THEN 200::DECIMAL(18, 4) END AS budget_max, '13812345678' AS phone
        """,
        "staged_interactions": f"{LINEAGE}, TIMESTAMP '2026-06-01 09:00:00' AS occurred_at, 'call' AS kind",
        "staged_transactions": f"""
            {LINEAGE}, TIMESTAMP '2026-06-01 09:00:00' AS occurred_at, 'sale' AS kind,
            1000000::DECIMAL(18, 4) AS amount, 30000::DECIMAL(18, 4) AS commission
        """,
    },
    "features": {
        "customer_features": f"""
            'crm:' || i AS customer_key, {DAY}, true AS is_engaged, true AS is_dormancy_available,
            i % 2 = 0 AS is_open_lead, i % 2 = 1 AS is_tenant, false AS is_winback_candidate,
            2 AS need_events, 0 AS open_subscriptions, i AS need_days,
            0.1::DOUBLE AS events_missed, 0.1::DOUBLE AS events_missed_since_sign, 3::DOUBLE AS events_expected_90d,
            0 AS complaints_total, 0 AS complaints_180d, 0 AS referrals_180d,
            1 AS answered_since_last_event, 1 AS unanswered_since_last_event,
            0 AS winback_contacts_60d, 0 AS winback_contacts_total, 0 AS renewals_total,
            CASE WHEN i % 2 = 0 THEN i END AS days_since_viewing, i AS days_since_agent_contact,
            CASE WHEN i % 2 = 0 THEN i END AS days_since_answered_contact,
            CASE WHEN i % 2 = 0 THEN 2.5::DOUBLE END AS event_gap_mean_days,
            CASE WHEN i % 2 = 0 THEN 3 END AS need_span_days, 1::DOUBLE AS customer_events_per_30d,
            0.5::DOUBLE AS viewings_per_30d, 0.25::DOUBLE AS online_share_180d,
            CASE WHEN i % 2 = 0 THEN 4::DOUBLE END AS satisfaction_180d, 0.25::DOUBLE AS online_share,
            0.75::DOUBLE AS agent_answer_share_180d, CASE WHEN i % 2 = 1 THEN 30 END AS lease_days_left,
            CASE WHEN i % 2 = 1 THEN 365 END AS lease_term_days,
            CASE WHEN i % 2 = 1 THEN 0.5::DOUBLE END AS lease_rent_wan, 'middle' AS price_tier,
            'high' AS stated_intent, '3' AS preferred_layout,
            i AS days_since_customer_event, 1 AS customer_events_7d, 2 AS customer_events_30d,
            3 AS customer_events_60d, 4 AS customer_events_90d, 5 AS customer_events_total, 1 AS viewings_60d,
            2 AS viewings_total, 0 AS appointments_cancelled_90d, 0 AS complaints_90d, 2 AS agent_contacts_30d,
            CASE WHEN i % 2 = 0 THEN 0.5::DOUBLE END AS agent_contacts_answered_share_90d,
            1 AS unanswered_contacts_30d, 100 AS days_since_first_known, 0 AS subscriptions_total,
            0 AS referrals_total, CASE WHEN i % 2 = 0 THEN 4::DOUBLE END AS satisfaction_last,
            1 AS satisfaction_count, 1 AS lead_records, 350::DOUBLE AS budget_max_wan,
            'offline/walk_in' AS first_channel, 'spring' AS first_campaign, 'buy' AS demand_type, 'own_use' AS purpose
        """,
        "customer_purchase_features": f"""
            'crm:' || i AS customer_key, {DAY}, 3 AS purchases_total, 200 + i AS days_since_first_purchase,
            i AS days_since_purchase, 1 AS purchases_90d, 2 AS purchases_365d,
            CASE WHEN i % 2 = 0 THEN 100::DOUBLE END AS purchase_contribution_mean,
            0.7::DOUBLE AS purchases_expected_90d, 0.2::DOUBLE AS purchases_missed
        """,
        "customer_rfm": f"'crm:' || i AS customer_key, {DAY}, {RFM}",
    },
    "scores": {
        "scores": f"""
            'dormancy' AS target, 'crm:' || i AS customer_key, {DAY}, 90 AS horizon_days,
            'dormancy-20260531' AS model_version, 'model' AS probability_source,
            round(0.02 + 0.01 * (i % 60), 6)::DOUBLE AS probability, {REASONS},
            {CONTRIBUTIONS}
        """,
        "drift": f"""
            'dormancy' AS target, 90 AS horizon_days, {DAY}, 'feature ' || i AS feature, 0.01::DOUBLE AS psi,
            CASE WHEN i % 2 = 0 THEN 'none' ELSE 'notable' END AS level, 1500 AS rows, 0.1::DOUBLE AS nulls_then,
            0.1::DOUBLE AS nulls_now, false AS is_blocked
        """,
        "coverage": """
            DATE '2026-06-01' + i::INTEGER AS as_of, CASE WHEN i > 0 THEN 60 ELSE 0 END AS engaged, true AS trained,
            CASE WHEN i > 0 THEN 60 ELSE 0 END AS scored, i > 0 AS dormancy_available, 0 AS missing
        """,
    },
    "history": {
        "history_checks": f"""
            {DAY}, 'crm/leads/volume_day/' || i AS check_path, 'volume_day' AS rule, 'crm' AS source,
            'leads' AS entity, 8 AS compared, ['ok', 'not_judged', 'accepted'][1 + i % 3] AS level
        """,
    },
    "published": {
        "customer_grades": f"""
            {DAY}, {PSEUDONYM}, {GRADED}, CASE WHEN i % 2 = 0 THEN 'B' END AS grade_previous,
            DATE '2026-06-30' AS grade_changed_on, 'C' AS value_class, 'loyal' AS rfm_segment,
            'returning' AS lifecycle_stage, '老客户' AS lifecycle_stage_zh, 'loyal' AS loyalty,
            CASE WHEN i % 2 = 0 THEN 'high' END AS intent,
            CASE WHEN i % 2 = 0 THEN 'scored' ELSE 'not_engaged' END AS churn_status, {PROBABILITY},
            'low' AS warning_level, (100 + i)::DECIMAL(18, 4) AS expected_value_12m, {REASONS},
            'Dedicated agent and first choice of listings' AS strategy,
            i % 9 = 0 AS is_opted_out, CASE WHEN i % 9 = 0 THEN DATE '2026-06-01' END AS opted_out_on
        """,
        "customer_profile": f"""
            {DAY}, {PSEUDONYM}, 50 AS value_points,
            'high' AS income_band, 'individual' AS customer_kind, 'enquiry' AS stage, 'buy' AS demand_type,
            'first_home' AS purpose, 'online' AS source_kind, 'high' AS intent, 'intending' AS intent_kind,
            'high' AS purchasing_power, 'first' AS follow_up, 'new' AS lifecycle, 'active' AS behaviour,
            'existing' AS customer_group, 'high' AS price_sensitivity, 'online' AS contact_channel,
            'open' AS subscription_status, 'open' AS lead_status, 'loyal' AS loyalty, 'high' AS value_level
        """,
        "customer_clv": f"""
            {DAY}, {PSEUDONYM}, 'lead_week' AS value_state, 150::DECIMAL(18, 4) AS value_12m,
            100::DECIMAL(18, 4) AS value_12m_low, 200::DECIMAL(18, 4) AS value_12m_high,
            250::DECIMAL(18, 4) AS value_36m, 150::DECIMAL(18, 4) AS value_36m_low,
            350::DECIMAL(18, 4) AS value_36m_high, 120::DECIMAL(18, 4) AS next_deal_12m,
            0::DECIMAL(18, 4) AS renewal_12m, 30::DECIMAL(18, 4) AS referral_12m,
            0.2::DOUBLE AS next_deal_probability_12m,
            CASE WHEN i % 2 = 0 THEN 0.7::DOUBLE END AS renewal_probability_12m,
            0.1::DOUBLE AS referral_probability_12m, ['intent', 'history'][1 + i % 2] AS next_deal_source,
            'rules-012345678901' AS rule_version
        """,
        "grade_reasons": f"""
            {DAY}, {PSEUDONYM}, ['next_deal', 'referral', 'opted_out'][1 + i % 3] AS component,
            120::DECIMAL(18, 4) AS amount, 'history' AS probability_source,
            'Next deal: in touch within a week' AS reason_en, '下一次成交：一周内有联系' AS reason_zh,
            'rules-012345678901' AS rule_version
        """,
        "customer_rfm": f"{DAY}, {PSEUDONYM}, {RFM}, i AS engagement_recency_days",
        "customer_purchase_history": f"""
            {DAY}, {PSEUDONYM}, 1 AS repeat_frequency, 100 AS recency_age_days, 200 AS tenure_days,
            'CNY' AS currency, 5000::DOUBLE AS repeat_monetary_mean
        """,
        "customer_churn": f"""
            {DAY}, {PSEUDONYM}, 90 AS horizon_days, {PROBABILITY}, 'middle' AS warning_level, {REASONS},
            'Complaint' AS triggers, '有投诉' AS triggers_zh, 'service' AS likely_cause,
            {CONTRIBUTIONS}, 'Call back and ask what has changed' AS action,
            'agent-4150868000000225' AS owner_agent_id,
            DATE '2026-07-02' AS due_on, 'dormancy-20260531' AS model_version, 'model' AS probability_source
        """,
        "lead_intent": f"""
            {DAY}, {PSEUDONYM}, 90 AS horizon_days, 0.2::DOUBLE AS intent_probability, 'middle' AS intent, {REASONS},
            {CONTRIBUTIONS}, 'intent-20260531' AS model_version, 'model' AS probability_source
        """,
        "customer_purchase_silence": f"""
            {DAY}, {PSEUDONYM}, 90 AS horizon_days, 'scored' AS status, 0.2::DOUBLE AS silence_probability,
            'model' AS probability_source, i AS days_since_purchase, 2 AS purchases_365d, {REASONS}, {CONTRIBUTIONS},
            'purchase_silence-20260531' AS model_version
        """,
        "winback_cases": f"""
            {DAY}, {PSEUDONYM}, substr(sha256(i::VARCHAR), 1, 16) AS case_id, DATE '2026-06-01' AS opened_on,
            'high' AS level, 'service' AS likely_cause, 'adviser' AS action,
            'agent-4150868000000225' AS owner_agent_id, DATE '2026-06-03' AS due_on, DATE '2026-07-31' AS ends_on,
            ['treated', 'hold_out'][1 + i % 2] AS arm, ['open', 'won', 'lost', 'superseded'][1 + i % 4] AS status,
            CASE WHEN i % 4 > 0 THEN DATE '2026-06-20' END AS closed_on,
            CASE i % 4 WHEN 1 THEN 'replied' WHEN 2 THEN 'silent' END AS outcome
        """,
        "winback_outcomes": f"""
            {DAY}, ['case', 'campaign'][1 + i % 2] AS origin, 'winback ' || i AS campaign,
            'service' AS likely_cause, 'call' AS action,
            100 AS treated_customers, 10 AS treated_returned, 20 AS hold_out_customers, 1 AS hold_out_returned,
            0.05::DOUBLE AS lift, -0.05::DOUBLE AS lift_low, 0.12::DOUBLE AS lift_high
        """,
        "agent_worklist": f"""
            {DAY}, 'agent-4150868000000225' AS agent_id, 1 + i AS priority, {PSEUDONYM},
            ['complaint', 'enquiry', 'warning', 'clear_intent', 'follow_up'][1 + i % 5] AS task,
            'Complaint of 29 June, not answered for 2 days' AS reason, '6 月 29 日的投诉，已 2 天未处理' AS reason_zh,
            'Answer the complaint' AS action, '回复并处理投诉' AS action_zh, i % 2 = 0 AS is_marketing,
            CASE WHEN i % 5 = 2 THEN 'urgent' END AS warning_level, 'B' AS grade,
            false AS is_opted_out, i % 2 = 0 AS is_overdue, i % 2 * -3 + 3 AS days_overdue,
            NULL::DECIMAL(18, 4) AS expected_benefit, TIMESTAMP '2026-06-30 10:00:00' AS due_at,
            100 AS tasks_of_agent
        """,
        "grade_movements": f"""
            {DAY}, ['new', 'A', 'B', 'C', 'D'][1 + i % 5] AS grade_from, ['A', 'B', 'C', 'D'][1 + i // 5] AS grade_to,
            'up' AS direction, 3 AS customers, 0.25::DOUBLE AS share_of_from, 'High budget' AS commonest_reason
        """,
        "grade_history": f"{DAY}, {PSEUDONYM}, DATE '2026-06-30' AS graded_as_of, {GRADED}",
        "kpi_monthly": f"""
            {DAY}, DATE '2026-06-01' AS month, true AS is_complete,
            ['channel', 'agent', 'grade', 'team', 'project'][1 + i % 5] AS dimension,
            CASE WHEN i % 5 = 1 THEN 'agent-' || substr(sha256(i::VARCHAR), 1, 16) ELSE 'member ' || i END AS member,
            3 AS leads,
            3 AS customers, 5 AS viewings, 2 AS subscriptions, 1 AS signed_deals, 0 AS renewals, 0 AS cancellations,
            1 AS complaints, 100::DECIMAL(18, 4) AS cost_cny, 0.5::DOUBLE AS viewing_share,
            0.5::DOUBLE AS subscription_share, 0.5::DOUBLE AS signing_share,
            0.5::DOUBLE AS conversion_share, 0.5::DOUBLE AS repeat_rate,
            0.5::DOUBLE AS retention_rate, 0.5::DOUBLE AS churn_rate, 0.5::DOUBLE AS referral_rate,
            0.5::DOUBLE AS complaint_rate, 0.5::DOUBLE AS in_time_share, 30::DOUBLE AS closing_hours_median,
            CASE WHEN i % 2 = 0 THEN 24::DOUBLE END AS response_hours_median
        """,
        "grade_performance": f"""
            {DAY}, DATE '2026-06-01' - (i // 4)::INTEGER AS graded_as_of, ['A', 'B', 'C', 'D'][1 + i % 4] AS grade,
            10 AS customers, 0.25::DOUBLE AS share_of_customers, DATE '2026-08-30' AS outcome_ends_on,
            true AS is_censored, 10 AS customers_deals_known, 2 AS customers_signed,
            0.5::DOUBLE AS share_back, 0.9::DOUBLE AS stability
        """,
        "data_quality": f"""
            {DAY}, 'rule ' || i AS rule, 'leads' AS entity, 'Row breaks the raw contract' AS label_en,
            100 AS rows_checked, 2 AS rows_failed, 0.02::DOUBLE AS share, 0.05::DOUBLE AS bar, 'warn' AS severity
        """,
        "model_report": f"""
            {DAY}, 'dormancy-20260531' AS model_version, 'dormancy' AS target, 90 AS horizon_days,
            'logistic' AS model, 'metric ' || i AS metric, 'all' AS segment, DATE '2026-03-31' AS snapshot,
            0.8::DOUBLE AS value, 0.7::DOUBLE AS bar, CASE WHEN i % 2 = 0 THEN true END AS passed
        """,
        "customer_segments": f"""
            {DAY}, {PSEUDONYM}, 1 + i % 4 AS persona_id, 'Active buying prospects' AS label_en,
            '活跃购房潜在客户' AS label_zh, 1.5::DOUBLE AS distance, i % 9 = 0 AS is_outlier
        """,
        "segment_profiles": f"""
            {DAY}, 1 + i % 4 AS persona_id, 'Active buying prospects' AS label_en, '活跃购房潜在客户' AS label_zh,
            100 AS customers, 0.25::DOUBLE AS share, 'measure ' || i AS measure, 'Six viewings' AS words_en,
            '看房 6 次' AS words_zh
        """,
        "demand_rules": f"""
            {DAY}, 'purpose=' || i AS antecedent, ['subscribed', 'signed', 'dormant'][1 + i % 3] AS consequent,
            0.02::DOUBLE AS support, 0.2::DOUBLE AS confidence, 1.5::DOUBLE AS lift, 0.01::DOUBLE AS p_value,
            100 AS n, 1000 AS customers
        """,
        "demand_forecast": f"""
            {DAY}, 'channel ' || i AS channel, DATE '2026-07-01' AS month, 50::DOUBLE AS point, 40::DOUBLE AS low,
            60::DOUBLE AS high, 'seasonal_ar' AS method, true AS beats_naive, 5::DOUBLE AS model_error,
            6::DOUBLE AS naive_error, 0.8::DOUBLE AS coverage, 27 AS months_tested
        """,
        "demand_back_test": f"""
            {DAY}, 'channel ' || i AS channel, DATE '2026-03-01' AS origin, DATE '2026-04-01' AS month,
            'seasonal_naive' AS method, 52::DOUBLE AS actual, 50::DOUBLE AS point, 40::DOUBLE AS low,
            60::DOUBLE AS high
        """,
        "outward": f"{DAY}, 'table ' || i AS table_name, 5 AS rows_opted_out, 0 AS rows_marketing",
        "listing_matches": f"""
            {DAY}, {PSEUDONYM}, 1 + i % 10 AS match_rank, 'crm' AS source, 'H' || i AS property_id,
            0.8::DOUBLE AS score, 'Within the budget' AS why_en, '在预算范围内' AS why_zh
        """,
        "history_checks": f"""
            {DAY}, 'crm/leads/volume_day/' || i AS check_path, 'volume_day' AS rule, 'crm' AS source,
            'leads' AS entity, 'Far fewer new rows' AS label_en, '新增记录远少于往期' AS label_zh,
            'spreads below the median' AS unit, 8 AS compared, 'ok' AS level
        """,
        "identity_links": f"""
            {DAY}, {PSEUDONYM}, repeat('a', 24) || lpad(i::VARCHAR, 8, '0') AS record_id,
            repeat('b', 24) || lpad(i::VARCHAR, 8, '0') AS linked_record_id,
            ['exact', 'score', 'decision'][1 + i % 3] AS rule, 'phone+name' AS evidence, 1::DOUBLE AS score
        """,
        "mining_report": f"""
            {DAY}, ['personas', 'rules', 'forecast', 'matches'][1 + i % 4] AS topic, 'k=' || i AS subject,
            'stability' AS metric, 0.9::DOUBLE AS value
        """,
        "publication": f"""
            {DAY}, 'f2c1a8de-1234-5678-9012-123456789012' AS run_id, 'rules-012345678901' AS rule_version,
            'dormancy-20260531' AS model_version, 60 AS customer_grades_rows, 60 AS customer_profile_rows,
            60 AS customer_clv_rows, 60 AS grade_reasons_rows, 60 AS customer_rfm_rows,
            60 AS customer_purchase_history_rows, 60 AS customer_churn_rows, 60 AS lead_intent_rows,
            60 AS customer_purchase_silence_rows,
            60 AS winback_cases_rows, 60 AS winback_outcomes_rows, 60 AS agent_worklist_rows,
            60 AS grade_history_rows, 20 AS grade_movements_rows, 60 AS kpi_monthly_rows,
            60 AS grade_performance_rows, 60 AS data_quality_rows, 60 AS model_report_rows,
            60 AS history_checks_rows,
            60 AS customer_segments_rows, 60 AS segment_profiles_rows, 60 AS demand_rules_rows,
            60 AS demand_forecast_rows, 60 AS demand_back_test_rows, 60 AS listing_matches_rows,
            60 AS identity_links_rows,
            60 AS mining_report_rows, 1 AS publication_rows,
            '{{"crm": "2026-06-30 23:59:59.123456"}}' AS source_watermarks,
            TIMESTAMP '2026-07-01 02:03:04' AS published_at
        """,
    },
}
ROWS = {"grade_movements": 20, "publication": 1}


def clean_tables(gate: str, rows: int = 60) -> dict[str, pd.DataFrame]:
    """The tables of a gate, which meet all of its rules."""
    with duckdb.connect() as connection:
        return {
            table: connection.execute(f"SELECT {columns} FROM range(?) AS t(i)", [ROWS.get(table, rows)]).df()
            for table, columns in QUERIES[gate].items()
        }
