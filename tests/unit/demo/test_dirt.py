"""Every planted defect is in the raw files on its line, and other rows are clean."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from pipelines.ingest.contract import INTERACTION_KINDS, TRANSACTION_KINDS

KEYS = {"leads.csv": "lead_id", "interactions.csv.gz": "interaction_id", "transactions.csv": "transaction_id"}
PLANTED = {
    "odd_phone",
    "upper_case_email",
    "full_width_email",
    "spaced_name",
    "reversed_budget",
    "budget_in_yuan",
    "agency_phone",
    "household_phone",
    "missing_value",
    "wrong_answer",
    "late_row",
    "broken_contract",
    "future_date",
    "orphan",
    "resent",
    "masked_phone",
    "placeholder_phone",
}


@pytest.fixture(scope="module")
def defects(demo) -> pd.DataFrame:
    return demo.truth_of("defects.parquet")


def rows_with(defects: pd.DataFrame, name: str, file: str) -> list[int]:
    """Positions below the header of the rows with the defect."""
    planted = (defects["defect"] == name) & (defects["file"] == file)
    return [line - 2 for line in defects.loc[planted, "line"]]


def test_every_kind_of_defect_is_planted_even_in_a_small_world(defects):
    assert set(defects["defect"]) == PLANTED


@pytest.mark.parametrize("file", KEYS)
def test_every_defect_is_in_the_file_on_its_line(demo, defects, file):
    rows = demo.text(file)
    planted = defects[(defects["file"] == file) & defects["field"].notna()]

    assert len(planted) > 0
    # A phone may be an agency's and oddly written, too: the last change is what the file contains.
    for defect in planted.drop_duplicates(["line", "field"], keep="last").itertuples():
        written = None if pd.isna(defect.written) else defect.written
        assert rows[defect.field][defect.line - 2] == written
        if defect.field != KEYS[file]:
            assert rows[KEYS[file]][defect.line - 2] == defect.row_id


def test_resent_rows_are_identical_to_an_earlier_line(demo, defects):
    lines = gzip.decompress((demo.raw / "interactions.csv.gz").read_bytes()).decode().splitlines()[1:]
    again = rows_with(defects, "resent", "interactions.csv.gz")

    assert again
    assert all(lines[position] in lines[: again[0]] for position in again)
    assert len(set(lines)) == len(lines) - len(again)


def test_only_orphans_refer_to_leads_that_do_not_exist(demo, defects):
    known = set(demo.truth_of("record_person.parquet")["lead_id"])
    interactions = demo.text("interactions.csv.gz")
    strays = interactions[interactions["lead_id"].notna() & ~interactions["lead_id"].isin(known)]

    assert list(strays.index) == rows_with(defects, "orphan", "interactions.csv.gz")


def test_more_than_five_people_have_an_agency_phone(demo, defects):
    planted = defects[defects["defect"] == "agency_phone"]
    owners = demo.truth_of("record_person.parquet").set_index("lead_id")["person_id"]

    for _, group in planted.groupby("written"):
        assert owners[group["row_id"]].nunique() > 5


def test_only_planted_rows_break_the_contract(demo, defects):
    interactions, transactions = demo.text("interactions.csv.gz"), demo.text("transactions.csv")
    score = pd.to_numeric(interactions["satisfaction_score"])
    broken_interactions = (
        pd.to_datetime(interactions["occurred_at"], errors="coerce").isna()
        | interactions["lead_id"].isna()
        | ~interactions["kind"].isin(INTERACTION_KINDS)
        | (score < 0)
    )
    broken_transactions = (
        pd.to_datetime(transactions["occurred_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce").isna()
        | ~transactions["kind"].isin(TRANSACTION_KINDS)
        | (pd.to_numeric(transactions["amount"]) < 0)
    )

    for file, broken in (("interactions.csv.gz", broken_interactions), ("transactions.csv", broken_transactions)):
        assert list(broken[broken].index) == sorted(rows_with(defects, "broken_contract", file))
        assert broken.mean() < 0.05


def test_only_planted_dates_are_in_the_future(demo, defects):
    occurred = pd.to_datetime(demo.text("interactions.csv.gz")["occurred_at"], errors="coerce")
    future = occurred[occurred >= pd.Timestamp(demo.config.last_day) + pd.Timedelta(days=1)]

    assert list(future.index) == rows_with(defects, "future_date", "interactions.csv.gz")


def test_only_planted_budgets_are_reversed(demo, defects):
    leads = demo.text("leads.csv")
    low, high = pd.to_numeric(leads["预算下限"]), pd.to_numeric(leads["预算上限"])
    planted = rows_with(defects, "reversed_budget", "leads.csv")

    assert list(leads.index[low > high]) == sorted(set(planted))


def test_no_row_is_entered_before_its_event_or_its_lead(demo, defects):
    leads = demo.text("leads.csv").dropna(subset="lead_id").set_index("lead_id")["entered_at"]
    for file, happened in (("interactions.csv.gz", "occurred_at"), ("transactions.csv", "occurred_at")):
        rows = demo.text(file)
        spoilt = rows.index.isin(rows_with(defects, "broken_contract", file) + rows_with(defects, "future_date", file))
        clean = rows[~spoilt & rows["lead_id"].isin(leads.index)]
        late = set(clean.index[clean["entered_at"] > clean[happened]])

        assert (clean["entered_at"] >= clean[happened]).all()
        assert (clean["entered_at"] >= leads[clean["lead_id"]].to_numpy()).all()
        assert late and late <= set(rows_with(defects, "late_row", file)) | set(rows_with(defects, "resent", file))
        assert clean["entered_at"].max() <= f"{demo.config.last_day} 23:59:59"


def test_a_household_phone_belongs_to_another_person(demo, defects):
    owners = demo.truth_of("record_person.parquet").set_index("lead_id")["person_id"]
    phones = demo.text("leads.csv").set_index("lead_id")["phone"].dropna().str.normalize("NFKC")
    clean = phones.str.replace(r"\D", "", regex=True).str[-11:]
    planted = defects[defects["defect"] == "household_phone"]

    assert len(planted) > 0
    for defect in planted.itertuples():
        sharing = owners[clean.index[clean == defect.written].dropna()]
        assert sharing.nunique() == 2


def test_a_planted_gap_is_empty_and_a_wrong_answer_is_the_opposite(defects):
    wrong = defects[defects["defect"] == "wrong_answer"]

    assert len(wrong) > 0 and ((wrong["original"] == "true") == (wrong["written"] == "false")).all()
    assert defects.loc[defects["defect"] == "missing_value", "written"].isna().all()
