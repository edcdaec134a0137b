"""The real sources, graded by the command line: what they can tell is right, and what they cannot is not invented."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from lifetimes.utils import summary_data_from_transaction_data

from pipelines.home.settings import PROJECT_ROOT, Settings
from pipelines.ingest import landing
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.stage import stage_source
from pipelines.scoring.build_snapshots import build_core
from tests.home import published, tierhouse

MAPPINGS = Path(__file__).parent / "mappings"
DATA = PROJECT_ROOT.parent / "shared" / "data"


def graded(folder, source, as_of, **settings):
    if not (DATA / source).is_dir():
        pytest.skip(f"the real data is absent: {DATA / source}")
    home = folder / "home"
    (home / "sources").mkdir(parents=True, exist_ok=True)
    mapping = (MAPPINGS / f"{source}.yml").read_text(encoding="utf-8")
    (home / "sources" / f"{source}.yml").write_text(
        mapping.replace(f"root: ../../../../shared/data/{source}", f"root: {DATA / source}"), encoding="utf-8"
    )
    tierhouse(home, "run", "--as-of", as_of, **settings)
    return home


def warehouse(home, query):
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).df()


@pytest.fixture(scope="module")
def estate_crm(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("estate"), "estate_crm", "2025-07-31", TIERHOUSE_TIMEZONE="Asia/Kolkata")


class TestEstateCrm:
    def test_every_lead_is_a_graded_customer(self, estate_crm):
        known = warehouse(estate_crm, "SELECT count(*) AS n FROM landing.leads WHERE created_at < '2025-07-31 18:30'")
        grades = published(estate_crm, "customer_grades")
        assert len(grades) == known["n"][0] == 15_000
        assert grades["grade"].notna().all()

    def test_the_sales_are_the_bookings(self, estate_crm):
        rfm = published(estate_crm, "customer_rfm")
        assert len(rfm) == 804
        assert rfm["frequency"].sum() == 804

    def test_measures_of_contacts_and_spend_are_unknown_and_not_none(self, estate_crm):
        measures = published(estate_crm, "kpi_monthly")
        unknown = [
            "viewings", "reached_viewing", "active_customers", "open_at_start", "churn_rate", "retention_rate",
            "referrals", "complaints", "complaint_rate", "enquiries", "satisfaction_answers", "cost_cny",
        ]  # fmt: skip
        assert measures[unknown].isna().all().all()
        whole = measures[measures["dimension"] == "all"]
        assert whole[["leads", "signed_deals", "cancellations"]].notna().all().all()
        assert whole["leads"].sum() == 15_000
        grades = published(estate_crm, "grade_performance")
        assert grades[["customers_back", "share_back", "contribution_sum"]].isna().all().all()

    def test_reversed_budgets_are_swapped_and_counted(self, estate_crm):
        quality = published(estate_crm, "data_quality").set_index(["rule", "entity"])
        assert quality.loc[("budget_reversed", "leads"), "rows_failed"] == 990
        swapped = warehouse(
            estate_crm,
            "SELECT count(*) FILTER (WHERE budget_min > budget_max) AS wrong, "
            "count(*) FILTER (WHERE is_budget_reversed) AS swapped FROM staging.stg_landing__leads",
        )
        assert swapped.to_dict("records") == [{"wrong": 0, "swapped": 990}]

    def test_dormancy_is_not_available_and_not_invented(self, estate_crm):
        grades = published(estate_crm, "customer_grades")
        assert set(grades["churn_status"]) == {"not_available"}
        assert grades[["churn_probability", "warning_level", "model_version"]].isna().all(axis=None)
        assert published(estate_crm, "customer_churn").empty
        assert set(published(estate_crm, "model_report")["model"]) == {"not_available", "not_offered"}

    def test_nobody_is_won_back_and_only_new_leads_are_to_be_answered(self, estate_crm):
        assert published(estate_crm, "winback_cases").empty
        assert published(estate_crm, "winback_outcomes").empty
        assert set(published(estate_crm, "agent_worklist")["task"]) <= {"enquiry"}


def cdnow_summary(as_of):
    purchases = pd.read_csv(
        DATA / "cdnow" / "CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["master", "customer", "date", "units", "amount"],
    )
    purchases["date"] = pd.to_datetime(purchases["date"], format="%Y%m%d")
    return summary_data_from_transaction_data(
        purchases, "master", "date", monetary_value_col="amount", observation_period_end=as_of
    )


OBSERVED = [date(1997, 9, 30), date(1998, 6, 30)]


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    """Core at both days, from one ingest."""
    if not (DATA / "cdnow").is_dir():
        pytest.skip(f"the real data is absent: {DATA / 'cdnow'}")
    settings = Settings(home=tmp_path_factory.mktemp("cdnow") / "home", timezone="America/New_York")
    settings.home.mkdir()
    report = stage_source(settings, load_mapping(MAPPINGS / "cdnow.yml"), settings.now(), lambda _: None)
    landing.commit(settings, [report.batch])
    build_core(settings, settings.warehouse, OBSERVED, "cdnow")
    return settings.home


@pytest.mark.parametrize("as_of", OBSERVED)
def test_cdnow_purchase_history_equals_lifetimes_for_every_customer(cdnow, as_of):
    expected = cdnow_summary(str(as_of))
    found = warehouse(cdnow, f"SELECT * FROM core.customer_purchase_history__by_as_of WHERE as_of = DATE '{as_of}'")
    found.index = found["customer_key"].str.rpartition(":")[2].astype(int)
    found = found.sort_index()
    assert found.index.tolist() == expected.index.tolist()
    assert len(found) == 2_357
    for ours, theirs in (("repeat_frequency", "frequency"), ("recency_age_days", "recency"), ("tenure_days", "T")):
        assert (found[ours].to_numpy() == expected[theirs].to_numpy()).all(), ours
    assert (found["repeat_monetary_mean"] - expected["monetary_value"]).abs().max() < 1e-9


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory):
    return graded(
        tmp_path_factory.mktemp("retail"),
        "online_retail",
        "2011-12-09",
        TIERHOUSE_FIRST_DAY="2010-01-01",
        TIERHOUSE_TIMEZONE="Europe/London",
    )


class TestOnlineRetail:
    def test_nobody_vanishes(self, online_retail):
        assert len(published(online_retail, "customer_grades")) == 4_372
        rfm = published(online_retail, "customer_rfm")
        with_lines = warehouse(online_retail, "SELECT count(DISTINCT lead_id) AS n FROM landing.transactions")["n"][0]
        assert len(rfm) == with_lines
        assert (rfm["frequency"] == 0).sum() >= 33

    def test_monetary_is_net_of_cancellations_by_plain_sql(self, online_retail):
        """Each line's contribution is its amount by the margin and the rate of the day; cancellations take it back."""
        both = warehouse(
            online_retail,
            """
            WITH plain AS (
                SELECT 'online_retail:' || lines.lead_id AS customer_key,
                    sum(round(lines.amount::DOUBLE * margins.margin * rates.rate, 4)
                        * CASE lines.kind WHEN 'sale' THEN 1 ELSE -1 END) AS net
                FROM landing.transactions AS lines
                JOIN rules.margins AS margins ON margins.kind = 'sale'
                JOIN (SELECT rate, valid_from, lead(valid_from) OVER (ORDER BY valid_from) AS valid_to
                      FROM rules.fx_rates WHERE currency = 'GBP') AS rates
                    ON lines.occurred_at >= rates.valid_from
                    AND (rates.valid_to IS NULL OR lines.occurred_at < rates.valid_to)
                GROUP BY ALL
            )
            SELECT plain.net, rfm.monetary_total::DOUBLE AS monetary_total
            FROM plain JOIN core.customer_rfm__by_as_of AS rfm USING (customer_key)
            """,
        )
        assert len(both) > 4_300
        assert (both["net"] - both["monetary_total"]).abs().max() < 0.01

    def test_lines_without_a_customer_are_quarantined_with_that_reason(self, online_retail):
        quarantined = warehouse(
            online_retail,
            "SELECT sum(rows) AS n FROM landing.quarantine WHERE entity = 'transactions' AND field = 'lead_id'",
        )
        assert quarantined["n"][0] == 135_080

    def test_a_cancelled_purchase_leaves_no_deal(self, online_retail):
        """Customer 12346 bought 74,215 pieces and cancelled all of them on the same day."""
        deals = warehouse(online_retail, "SELECT state FROM core.deals WHERE customer_key = 'online_retail:12346'")
        assert deals["state"].tolist() == ["cancelled"]


def test_each_source_is_a_mapping_and_no_case_in_code():
    code = [
        path
        for room in ("pipelines", "models", "dbt_project", "expectations")
        for path in (PROJECT_ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql", ".yml", ".csv"} and "target" not in path.parts
    ]
    named = [
        path
        for path in code
        if any(name in path.read_text(encoding="utf-8") for name in ("estate_crm", "cdnow", "online_retail"))
    ]
    assert named == []
