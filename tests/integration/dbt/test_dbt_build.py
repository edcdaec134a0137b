"""The dbt project builds on a small town, says the same of shuffled rows, and names what is wrong with dirty ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import Settings
from pipelines.mining.tables import TABLES as MINED
from pipelines.publish.tables import published_tables
from pipelines.transform.dbt import DbtFailed
from pipelines.transform.graph import node
from pipelines.transform.grouped_tests import run_grouped_tests
from tests.integration.dbt.levels import by_the_model, by_the_rule
from tests.integration.dbt.plans import nested_loops
from tests.integration.dbt.town import town
from tests.integration.dbt.warehouse import Warehouse, dbt, landed

COUNTS = (
    "leads", "customers", "reached_viewing", "reached_subscription", "reached_signing", "viewings", "subscriptions",
    "signed_deals", "repeat_deals", "renewals", "cancellations", "contribution_cny", "active_customers",
    "open_at_start", "retained_customers", "dormant_customers", "referrals", "referring_customers", "complaints",
    "complaining_customers", "complaints_closed", "enquiries", "enquiries_due", "enquiries_answered",
    "enquiries_in_time", "satisfaction_answers",
)  # fmt: skip
DAY = datetime(2024, 1, 2)  # noqa: DTZ001 - landed times are UTC without offset


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for dbt's parse state: the second run does not parse again."""
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="module")
def built(artefacts: Path) -> Warehouse:
    warehouse = town(artefacts / "warehouse.duckdb")
    results = dbt(warehouse.path, artefacts, "build")
    assert {result.status for result in results} == {"success", "pass", "no-op"}
    assert {result.node.resource_type for result in results} == {"seed", "model", "test", "unit_test", "exposure"}
    return warehouse


def test_everything_builds_and_every_data_and_unit_test_passes(built: Warehouse) -> None:
    assert built.query("SELECT count(*) FROM marts.customer_grades") == [(59,)]
    assert {row[0] for row in built.query("SELECT DISTINCT state FROM core.deals")} == {
        "subscribed", "signed", "cancelled",
    }  # fmt: skip


def test_no_model_compares_each_row_of_a_table_with_each_of_another(artefacts: Path, built: Warehouse) -> None:
    every_pair = (
        "SELECT * FROM core.deals AS a JOIN core.customers AS b ON a.customer_key = b.customer_key OR a.state = ''"
    )
    files = (artefacts / "target" / "compiled").rglob("models/**/*.sql")
    models = {path.stem: path.read_text() for path in files if path.parent.suffix != ".yml"}
    with duckdb.connect(built.path, read_only=True) as connection:
        assert len(nested_loops(connection, every_pair)) == 1
        found = {name: nested_loops(connection, sql) for name, sql in models.items()}

    assert len(found) > 80
    assert not any(found.values()), {name: conditions for name, conditions in found.items() if conditions}


def test_the_publication_counts_the_rows_of_every_published_table(built: Warehouse) -> None:
    ((counted,),) = built.query("SELECT publication FROM marts.publication")
    for table in published_tables():
        assert built.query(f"SELECT count(*) FROM marts.{table}") == [(counted[f"{table}_rows"],)], table


def test_published_tables_hold_one_as_of_and_no_source_ids(built: Warehouse) -> None:
    tables = [row[0] for row in built.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'")]
    assert sorted(tables) == [
        "agent_worklist", "customer_churn", "customer_clv", "customer_grades", "customer_profile",
        "customer_purchase_history", "customer_purchase_silence",
        "customer_rfm", "customer_segments", "data_quality", "demand_back_test", "demand_forecast", "demand_rules",
        "grade_history", "grade_movements", "grade_performance", "grade_reasons", "history_checks", "identity_links",
        "kpi_monthly", "lead_intent",
        "listing_matches", "mining_report", "model_report", "publication", "segment_profiles", "winback_cases",
        "winback_outcomes",
    ]  # fmt: skip
    for table in tables:
        # The town hands dbt no mined rows, and its buyers are too few to be asked about purchase silence.
        expected = [] if table in {*MINED, "mining_report", "customer_purchase_silence"} else [("2025-02-28",)]
        assert built.query(f"SELECT DISTINCT as_of::VARCHAR FROM marts.{table}") == expected
        columns = {
            row[0]
            for row in built.query(f"SELECT column_name FROM duckdb_columns() WHERE table_name = '{table}' "
                                   "AND schema_name = 'marts'")
        }  # fmt: skip
        assert not columns & {"customer_key", "record_key", "row_key", "lead_id"}


def test_a_relationship_is_warned_of_once_and_an_open_lead_has_one_intent(built: Warehouse) -> None:
    warned = built.query(
        "SELECT horizon_days, count(*), count(warning_level), count(action), count(likely_cause) "
        "FROM marts.customer_churn GROUP BY ALL ORDER BY 1"
    )
    (relationships,) = built.query("SELECT count(*) FROM marts.customer_grades WHERE churn_status = 'scored'")[0]
    assert warned == [(60, relationships, 0, 0, relationships), (90, *[relationships] * 4)]
    assert built.query("SELECT DISTINCT model_version FROM marts.publication") == [("dormancy-90",)]
    (leads,) = built.query("SELECT count(*) FROM marts.lead_intent")[0]
    assert built.query("SELECT count(intent), count(intent_zh) FROM marts.customer_grades") == [(leads, leads)]
    assert relationships > 0
    assert 0 < leads < 59


@pytest.mark.usefixtures("built")
def test_warning_levels_are_those_of_the_rule_whether_days_are_built_one_by_one_or_together(
    artefacts: Path, tmp_path: Path
) -> None:
    chance = random.Random(5)
    days = [date(2025, 3, 1) + timedelta(days=number) for number in range(12)]
    scores = [
        (f"c{number}", day, round(chance.choice([chance.random(), chance.randrange(0, 21) / 20]), 6))
        for day in days
        for number in range(25)
        if chance.random() < 0.85
    ]
    compiled = artefacts / "target" / "compiled" / "tierhouse" / "models" / "grading"
    sql = (compiled / "int_warning_levels__by_customer_as_of.sql").read_text()
    parts = [[row for row in scores if (row[1] < days[5]) == early] for early in (True, False)]
    single = [[row for row in scores if row[1] == day] for day in days]
    expected = by_the_rule(scores)
    assert len({level for _, _, level in expected}) == 5
    for name, runs in {"together": [scores], "one_by_one": single, "in_parts": parts}.items():
        (tmp_path / name).mkdir()
        assert by_the_model(sql, runs, tmp_path / name / "warehouse.duckdb") == expected, name


def test_the_order_of_landed_rows_changes_nothing(built: Warehouse, artefacts: Path, tmp_path: Path) -> None:
    shuffled = town(tmp_path / "warehouse.duckdb", shuffle=3)
    dbt(shuffled.path, artefacts, "build", "--resource-type", "model", "--resource-type", "seed")
    for schema in ("core", "value", "grading", "marts"):
        for (table,) in built.query(
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'"
        ):
            rows = f"SELECT * FROM {schema}.{table} ORDER BY ALL"
            assert built.query(rows) == shuffled.query(rows), f"{schema}.{table}"


def test_a_correction_changes_no_day_before_it_was_known(built: Warehouse) -> None:
    before, after = built.query(
        "SELECT budget_min, budget_max FROM core.customers WHERE customer_key = 'crm:L0' "
        "AND as_of IN ('2024-11-30', '2024-12-31') ORDER BY as_of"
    )
    assert Decimal(900) not in before
    assert Decimal(900) in after


def _deep_chain(warehouse: Warehouse) -> None:
    steps = [
        {"transaction_id": f"deep-{n}", "lead_id": "L1", "occurred_at": DAY, "kind": "sale", "amount": Decimal(1),
         "known_at": DAY, "related_transaction_id": f"deep-{n - 1}" if n else None}
        for n in range(11)
    ]  # fmt: skip
    warehouse.insert("landing.transactions", [landed("transactions", step, n) for n, step in enumerate(steps, 9000)])


def _record_of_two_customers(warehouse: Warehouse) -> None:
    warehouse.execute(
        "INSERT INTO identity.customer_records "
        "SELECT * REPLACE ('crm:other' AS customer_key) FROM identity.customer_records LIMIT 1"
    )


def _unscored_engaged(warehouse: Warehouse) -> None:
    warehouse.execute("DELETE FROM scoring.scores; DELETE FROM scoring.champions")
    champion = {"target": "dormancy", "horizon_days": 90, "model_version": "m1"}
    warehouse.insert("scoring.champions", [{**champion, "as_of": day} for day in warehouse.as_of_dates])


def _customer_without_pseudonym(warehouse: Warehouse) -> None:
    warehouse.execute("DELETE FROM identity.customers")


def rebuild(warehouse: Warehouse, artefacts: Path, *models: str, changed: Sequence[str]) -> None:
    """Build what lies between the changed sources and the models, with its tests."""
    between = [f"source:{source}+,+{model}" for source in changed for model in models]
    dbt(
        warehouse.path, artefacts, "build", "--select", *between, *(f"source:{source}" for source in changed),
        "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dirty", "changed", "model", "expected"),
    [
        (
            _deep_chain,
            ["landing.transactions"],
            "int_deal_roots__by_as_of",
            "accepted_values_int_deal_roots__by_as_of_is_root_found",
        ),
        (
            _record_of_two_customers,
            ["identity.customer_records"],
            "int_records__by_as_of",
            "unique_combination_stg_identity__customer_records_as_of__record_key",
        ),
        (
            _unscored_engaged,
            ["scoring.scores", "scoring.champions"],
            "int_churn__by_customer_as_of",
            "never_null_int_churn__by_customer_as_of_",
        ),
        (_customer_without_pseudonym, ["identity.customers"], "customer_grades", "every_graded_customer_is_published"),
    ],
)
def test_a_dirty_row_fails_the_test_that_names_it(
    dirty: Callable[[Warehouse], None],
    changed: list[str],
    model: str,
    expected: str,
    built: Warehouse,
    artefacts: Path,
    tmp_path: Path,
) -> None:
    warehouse = built.copy(tmp_path)
    dirty(warehouse)
    with pytest.raises(DbtFailed, match=f"test {expected}"):
        rebuild(warehouse, artefacts, model, changed=changed)


def test_grouped_tests_fail_as_the_single_tests_of_dbt(built: Warehouse, artefacts: Path, tmp_path: Path) -> None:
    warehouse = built.copy(tmp_path)
    records = "intermediate.int_records__by_as_of"
    warehouse.execute(
        f"INSERT INTO {records} SELECT * REPLACE (NULL AS customer_key) FROM {records} LIMIT 2;"
        "UPDATE staging.stg_landing__interactions SET direction = 'up', kind = 'wave' WHERE direction = 'in'"
    )
    models = (
        "int_records__by_as_of", "stg_landing__interactions", "int_watermarks", "customer_features",
        "int_opt_outs__by_record_version",
    )  # fmt: skip
    with pytest.raises(DbtFailed) as alone:
        dbt(warehouse.path, artefacts, "test", "--select", *models, "--exclude", "test_type:unit")
    single = {result.node.unique_id: (result.status, result.failures) for result in alone.value.results}
    tests = [unique_id for unique_id in single if "test_metadata" in node(unique_id)]
    assert {node(unique_id)["test_metadata"]["name"] for unique_id in tests} >= {
        "unique", "not_null", "accepted_values", "relationships", "unique_combination", "never_null", "same_rows_as",
        "between_values",
    }  # fmt: skip
    settings = Settings(home=warehouse.path.parent)
    with pytest.raises(DbtFailed, match=r"Got 2 results, .*\(customer_key: 2\)") as together:
        run_grouped_tests(settings, warehouse.path, tests, artefacts / "target")
    grouped = {result.node.unique_id: (result.status, result.failures) for result in together.value.results}
    assert grouped == {unique_id: single[unique_id] for unique_id in tests}


def test_amounts_without_a_rate_are_kept_flagged_and_in_no_sum(
    built: Warehouse, artefacts: Path, tmp_path: Path
) -> None:
    warehouse = built.copy(tmp_path)
    sale = {"lead_id": "L1", "occurred_at": DAY, "kind": "sale", "amount": Decimal(100)}
    without = ["AED", "USD"]
    sales = [{**sale, "transaction_id": f"in-{currency}", "currency": currency} for currency in [*without, "TWD"]]
    warehouse.insert("landing.transactions", [landed("transactions", one, n) for n, one in enumerate(sales, 9000)])
    warehouse.insert("scope.fx_rates", [
        {"currency": "TWD", "valid_from": date(2020, 1, 1), "rate": Decimal("0.2")},
        {"currency": "USD", "valid_from": date(2030, 1, 1), "rate": Decimal(7)},
    ])  # fmt: skip
    changed = ["landing.transactions", "scope.fx_rates"]
    rebuild(warehouse, artefacts, "int_quality_checks", "customer_rfm__by_as_of", changed=changed)
    steps = warehouse.query(
        "SELECT currency, amount, contribution_cny, is_rate_missing FROM intermediate.int_steps__by_as_of "
        "WHERE transaction_key LIKE 'crm:in-%' AND as_of = '2025-02-28' ORDER BY 1"
    )
    assert steps == [("AED", 100, None, True), ("TWD", 100, Decimal("0.4"), False), ("USD", 100, None, True)]
    checked = warehouse.query(
        "SELECT entity, rows_failed > 0 FROM intermediate.int_quality_checks WHERE rule = 'rate_missing' ORDER BY 1"
    )
    assert ("transactions", True) in checked
    total = warehouse.query(
        "SELECT sum(monetary_total) = (SELECT sum(contribution_cny) FROM core.deals WHERE as_of = '2025-02-28') "
        "FROM core.customer_rfm__by_as_of WHERE as_of = '2025-02-28'"
    )
    assert total == [(True,)]


def test_unmatched_reversals_are_counted_and_lower_the_total(built: Warehouse) -> None:
    counted = built.query("SELECT rows_failed FROM marts.data_quality WHERE rule = 'reversal_without_deal'")
    in_deals = built.query(
        "SELECT sum(reversals), sum(contribution_cny) < 0 FROM core.deals "
        "WHERE is_unmatched_reversal AND as_of = '2025-02-28'"
    )
    assert [(counted[0][0], True)] == in_deals


def test_ledger_is_followed_back_through_the_merge(built: Warehouse) -> None:
    with duckdb.connect(built.path, read_only=True) as connection:
        merged = connection.execute(
            "SELECT customer_id, count(*) FROM marts.grade_history WHERE customer_id IN ('id-58', 'id-59') "
            "GROUP BY customer_id"
        ).fetchall()
    assert merged == [("id-58", 4)]


@pytest.mark.parametrize("dimension", ["channel", "project", "grade", "team", "agent"])
def test_counts_and_sums_of_the_members_add_up_to_all(dimension: str, built: Warehouse) -> None:
    sums = ", ".join(f"sum({count}) AS {count}" for count in COUNTS)

    def by_month(which: str) -> list[tuple]:
        return built.query(
            f"SELECT month, {sums} FROM marts.kpi_monthly WHERE dimension = '{which}' GROUP BY month ORDER BY month"
        )

    assert by_month(dimension) == by_month("all")
    assert built.query(
        f"SELECT count(*) > 1 FROM (SELECT DISTINCT member FROM marts.kpi_monthly WHERE dimension = '{dimension}')"
    ) == [(True,)]


def test_every_measure_counts_something_in_the_town(built: Warehouse) -> None:
    sums = ", ".join(f"sum({count}) > 0" for count in COUNTS if count != "complaints_closed")
    assert built.query(f"SELECT {sums} FROM marts.kpi_monthly WHERE dimension = 'all'") == [(True,) * (len(COUNTS) - 1)]


def test_months_are_those_since_the_first_lead_and_the_running_one_says_so(built: Warehouse) -> None:
    months = built.query(
        "SELECT strftime(month, '%Y-%m'), is_complete FROM marts.kpi_monthly WHERE dimension = 'all' ORDER BY 1"
    )
    first = built.query("SELECT strftime(min(created_at), '%Y-%m') FROM staging.stg_landing__leads")[0][0]
    assert months[0][0] == first
    assert months[-1] == ("2025-02", True)


def test_only_channels_and_the_whole_carry_spend(built: Warehouse) -> None:
    assert built.query(
        "SELECT dimension, sum(cost_cny) FROM marts.kpi_monthly GROUP BY ALL HAVING sum(cost_cny) > 0 ORDER BY 1"
    ) == [("all", 2400), ("channel", 2400)]
    assert built.query(
        "SELECT DISTINCT leads, viewings, cost_cny, cost_per_lead_cny FROM marts.kpi_monthly "
        "WHERE member = 'fair' AND month < '2025-01-01'"
    ) == [(0, None, 100, None)]


def test_outcomes_of_grades_are_censored_until_their_window_is_over(built: Warehouse) -> None:
    rows = built.query(
        "SELECT graded_as_of::VARCHAR, bool_and(is_censored), count(contribution_sum) = count(*), count(share_back), "
        "sum(customers) FROM marts.grade_performance GROUP BY ALL ORDER BY 1"
    )
    assert [row[:3] for row in rows] == [
        ("2024-10-31", False, True), ("2024-11-30", False, True), ("2024-12-31", True, False),
        ("2025-02-28", True, False),
    ]  # fmt: skip
    deals = built.query(
        "SELECT sum(net_contribution_cny) FROM intermediate.int_deal_steps__by_as_of WHERE as_of = '2025-02-28' "
        "AND occurred_on BETWEEN '2024-11-01' AND '2025-01-29'"
    )
    assert deals == built.query(
        "SELECT sum(contribution_sum) FROM marts.grade_performance WHERE graded_as_of = '2024-10-31'"
    )


@pytest.mark.parametrize(
    ("kind", "name", "column", "wrong", "test"),
    [
        (
            "TABLE", "int_kpi_counts", "leads",
            "leads + CASE WHEN dimension = 'agent' AND member = 'unknown' THEN 1 ELSE 0 END",
            "kpi_members_add_up",
        ),
        ("VIEW", "int_kpi_activity", "is_dormant", "NOT is_dormant", "kpi_dormancy_matches_the_lifecycle"),
    ],
)  # fmt: skip
def test_a_spoilt_measure_fails_the_test_that_names_it(
    kind: str, name: str, column: str, wrong: str, test: str, built: Warehouse, artefacts: Path, tmp_path: Path
) -> None:
    """What dbt has compiled, asked of the town as it was built and of one in which a table with errors takes the
    place of the spoilt one."""
    (compiled,) = (artefacts / "target" / "compiled").rglob(f"{test}.sql")
    question = compiled.read_text(encoding="utf-8")
    assert built.query(question) == []
    spoilt = built.copy(tmp_path)
    with duckdb.connect(spoilt.path) as connection:
        rows = connection.execute(f"SELECT * REPLACE ({wrong} AS {column}) FROM measures.{name}").to_arrow_table()
        connection.execute(f"DROP {kind} measures.{name}")
        connection.register("incoming", rows)
        connection.execute(f"CREATE TABLE measures.{name} AS SELECT * FROM incoming")
    assert spoilt.query(question)
