"""`tierhouse demo`, as a newcomer meets it."""

import re

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.publish.tables import published_tables
from tests.home import LAST_DAY, fingerprint, open_to_others, published, tierhouse
from tests.words import is_chinese, is_english


def test_it_ends_with_ten_customers_and_says_where_the_outputs_are(demo):
    shown = demo.done.stdout
    assert len(re.findall(r"^ +[0-9a-f]{8} ", shown, flags=re.MULTILINE)) == 10
    assert f"Live: {LAST_DAY}" in shown
    assert "tierhouse.duckdb" in shown
    assert "Unusual" not in shown
    assert "Traceback" not in demo.done.stderr


def test_it_is_never_silent_for_ten_seconds(demo):
    moments = [float(found) for found in re.findall(r"^\[ *([\d.]+) s\]", demo.done.stderr, flags=re.MULTILINE)]
    assert len(moments) > 20
    assert max(later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)) < 10


EMPTY = {"grade_movements", "demand_rules", "demand_forecast", "demand_back_test", "customer_purchase_silence"}
"""Tables that 2,000 leads and one graded day leave empty."""


@pytest.mark.parametrize("table", published_tables())
def test_every_published_table_has_rows_and_one_day_and_the_same_rows_in_parquet(demo, table):
    frame = published(demo.home, table)
    assert set(frame["as_of"].astype(str).str[:10]) <= {LAST_DAY}
    assert len(frame) or table in EMPTY
    assert pq.read_metadata(demo.home / "published" / "current" / f"{table}.parquet").num_rows == len(frame)


def test_every_customer_has_one_grade_with_a_reason(demo):
    grades = published(demo.home, "customer_grades")
    assert grades["customer_id"].is_unique
    assert set(grades["grade"]) == {"A", "B", "C", "D"}
    assert grades["reason_1"].notna().all()
    assert (grades["expected_value_12m"] >= 0).all()
    amounts = published(demo.home, "grade_reasons").groupby("customer_id")["amount"].sum()
    assert (grades.set_index("customer_id")["score"] - amounts).abs().max() < 1e-6


def test_every_engaged_relationship_has_a_probability_and_alerts_have_three_reasons(demo):
    churn = published(demo.home, "customer_churn")
    assert len(churn) > 10
    assert churn["churn_probability"].between(0, 1).all()
    alerts = churn[churn["warning_level"].isin(["middle", "high", "urgent"])]
    assert len(alerts)
    assert alerts[["reason_1", "reason_2", "reason_3", "action"]].notna().all(axis=None)
    warned = churn[churn["warning_level"].isin(["low", "middle", "high", "urgent"])]
    left_alone = warned["action"].isin(["Serve as usual", "No marketing: service of running contracts only"])
    assert warned["due_on"].isna().equals(left_alone)
    assert not left_alone.all()


def test_no_contact_of_the_raw_files_is_in_anything_that_may_be_read_by_others(demo):
    with duckdb.connect() as connection:
        contacts = connection.execute(
            "SELECT DISTINCT regexp_replace(phone, '[^0-9]', '', 'g')[-11:] AS digits, email, full_name "
            f"FROM read_parquet('{demo.home}/landing/data/*/leads.parquet')"
        ).fetchall()
    # The demo's own prefixes: a placeholder such as 99999999999 is also the end of a number like 0.99999999999.
    phones = {digits for digits, _, _ in contacts if re.fullmatch("16[0-9]{9}", digits or "")}
    emails = {email for _, email, _ in contacts if email}
    names = {name.encode() for _, _, name in contacts if name and len(name) >= 3}
    assert len(phones) > 300
    assert len(emails) > 100
    letters = re.compile(rb"[A-Za-z\x80-\xff' .-]{3,}")
    assert all(letters.fullmatch(name) for name in names)
    open_files = [
        path
        for place in (
            "published",
            "data_docs",
            "dagster",
            "model_store",
            "warehouse.duckdb",
            "training",
            "ledger",
        )
        for path in ((demo.home / place).rglob("*") if (demo.home / place).is_dir() else [demo.home / place])
        if path.is_file() and path.suffix != ".parquet"
    ]
    assert any(path.name == "warehouse.duckdb" for path in open_files)
    for path in open_files:
        content = path.read_bytes()
        found = {number.decode() for number in re.findall(rb"(?<!\d)1\d{10}(?!\d)", content)} & phones
        assert not found, f"{path}: {len(found)} phones"
        assert b"@example." not in content, path
        runs = b"\n".join(set(letters.findall(content)))
        assert not any(name in runs for name in names), path
    for path in (demo.home / "published" / "current").glob("*.parquet"):
        text = " ".join(str(column) for column in pq.read_table(path).to_pydict().values())
        assert not any(phone in text for phone in phones), path
        assert not any(email in text for email in emails), path


def test_nothing_of_a_home_is_readable_by_other_accounts(demo):
    assert {path.name for path in demo.home.iterdir()} >= {"warehouse.duckdb", "restricted.duckdb", "pseudonym.key"}
    assert open_to_others(demo.home) == []


@pytest.mark.parametrize(
    ("command", "settings", "means"),
    [
        ("run", {"TIERHOUSE_TIMEZONE": "Asia/Dubai"}, "every day begins and ends at another time"),
        ("train", {"TIERHOUSE_PHONE_REGION": "AE"}, "other records become one customer"),
        ("run", {"TIERHOUSE_PSEUDONYM_KEY": "another secret of it"}, "every customer_id and case_id changes"),
    ],
)
def test_a_home_made_with_other_settings_is_left_alone(demo, command, settings, means):
    before = fingerprint(demo.home)
    done = tierhouse(demo.home, command, "--as-of", LAST_DAY, check=False, **settings)
    assert done.returncode == 1
    assert means in done.stderr and "tierhouse settings --accept REASON" in done.stderr
    assert "another secret" not in done.stderr
    assert fingerprint(demo.home) == before


def test_published_ids_are_no_source_ids(demo):
    grades = published(demo.home, "customer_grades")
    assert grades["customer_id"].str.fullmatch("[0-9a-f]{32}").all()


def test_no_step_of_the_pipeline_names_the_truth():
    """What is not read cannot leak."""
    from pipelines.home.settings import PROJECT_ROOT

    readers = [
        path
        for room in ("pipelines", "models", "dbt_project", "expectations")
        for path in (PROJECT_ROOT / room).rglob("*")
        if path.suffix in {".py", ".sql", ".yml", ".csv"} and "target" not in path.parts
        if "demo_truth" in path.read_text(encoding="utf-8")
    ]
    # `home` keeps the folder private and opens no file of it; `privacy` erases persons from it.
    assert {path.relative_to(PROJECT_ROOT).parts[:2] for path in readers} == {
        ("pipelines", "demo"),
        ("pipelines", "home"),
        ("pipelines", "privacy"),
    }


def test_the_published_file_opens_in_the_storage_version_that_bi_drivers_know(demo):
    header = (demo.home / "published" / "current" / "tierhouse.duckdb").read_bytes()[:64]
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 65


def of_sources(home) -> re.Pattern[str]:
    """The texts of sources that a sentence may repeat: campaigns, layouts and districts."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        kinds = "label_kind IN ('campaign', 'layout', 'district')"
        labels = [
            label for (label,) in connection.execute(f"SELECT label FROM landing.labels WHERE {kinds}").fetchall()
        ]
    return re.compile("|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True)))


def test_every_text_for_people_is_in_its_language_and_has_no_code(demo):
    repeated, wrong = of_sources(demo.home), {}
    for table in published_tables():
        frame = published(demo.home, table)
        pairs = [(name, f"{name.removesuffix('_en')}_zh") for name in frame]
        texts = {
            name for name, chinese in pairs if chinese in frame and (name.endswith("_en") or f"{name}_en" not in frame)
        }
        checks = [(name, is_english) for name in texts if f"{name}_zh" in frame or name.endswith("_en")]
        checks += [(name, is_chinese) for name in frame if name.endswith("_zh")]
        for name, is_written in checks:
            for text in frame[name].dropna().unique():
                if not is_written(repeated.sub("" if is_written is is_english else "某", text)):
                    wrong.setdefault(f"{table}.{name}", text)
    assert wrong == {}
