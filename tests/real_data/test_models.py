"""Our candidates on public data against published figures: as good, and not too good to be true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from models.features.features import Feature
from models.features.frames import feature_frame
from models.judge.leaks import audit
from models.learn.candidates import fit
from models.learn.columns import read_columns
from models.learn.mbg import fit_mbg
from pipelines.home.settings import PROJECT_ROOT

DATA = PROJECT_ROOT.parent / "shared" / "data"
CLOSE, LEAKED = 0.01, 0.02
"""How far a figure may lie below the best known one; and above it, beyond which something leaks."""


def read(name: str, **options) -> pd.DataFrame:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data is absent: {path}")
    return pd.read_csv(path, **options)


def is_skewed(column: pd.Series) -> bool:
    return column.min() >= 0 and column.max() > 20 * column.median()


def columns(frame: pd.DataFrame) -> tuple[Feature, ...]:
    """Return every column as a feature: texts are categories, numbers with a long tail are logs."""
    return tuple(
        Feature(
            name,
            "category" if not pd.api.types.is_numeric_dtype(column) else "log" if is_skewed(column) else "linear",
            name, name, nullable=True,
        )
        for name, column in frame.items()
    )  # fmt: skip


def auc_later(train, test, kind: str) -> float:
    (before, label), (after, truth) = train, test
    features = columns(before)
    learnt, later = (read_columns(feature_frame(rows, features, "rows"), features) for rows in (before, after))
    return roc_auc_score(truth, fit(kind, learnt, label.to_numpy(), features, 1).margin(later))


def auc_in_folds(frame: pd.DataFrame, label: pd.Series, kind: str) -> float:
    """Return the mean AUC of five folds."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(frame, label)
    return float(np.mean([
        auc_later((frame.iloc[learn], label.iloc[learn]), (frame.iloc[judge], label.iloc[judge]), kind)
        for learn, judge in folds
    ]))  # fmt: skip


def is_as_known(found: float, best: float) -> bool:
    return best - CLOSE <= found <= best + LEAKED


def history(purchases: pd.DataFrame, as_of: str, days: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return features of each customer at the end of as_of (customer, date, amount); label: no purchase in `days`."""
    day = pd.Timestamp(as_of)
    before = purchases[purchases["date"] <= day]
    after = purchases[(purchases["date"] > day) & (purchases["date"] <= day + pd.Timedelta(days=days))]
    by_customer = before.groupby("customer")
    first, last = by_customer["date"].min(), by_customer["date"].max()
    occasions = by_customer["date"].nunique()
    frame = pd.DataFrame({
        "recency": (day - last).dt.days, "age": (day - first).dt.days, "occasions": occasions,
        "amount": by_customer["amount"].sum().clip(lower=0), "mean_amount": by_customer["amount"].mean().clip(lower=0),
        "gap": ((last - first).dt.days / (occasions - 1)).where(occasions > 1),
    }).astype("float64")  # fmt: skip
    frame["recency_to_gap"] = frame["recency"] / frame["gap"].clip(lower=1)
    for window in (30, 91, 182):
        recent = before[before["date"] > day - pd.Timedelta(days=window)]
        frame[f"occasions_{window}d"] = recent.groupby("customer")["date"].nunique().reindex(frame.index).fillna(0)
    return frame, pd.Series(~frame.index.isin(after["customer"]), index=frame.index)


@pytest.fixture(scope="module")
def cdnow():
    names = ["master", "customer", "date", "units", "amount"]
    raw = read("cdnow/CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    return raw.assign(date=pd.to_datetime(raw["date"], format="%Y%m%d"))


def test_cdnow_no_purchase_in_a_quarter(cdnow):
    train, test = (history(cdnow, day, 91) for day in ("1997-12-31", "1998-03-31"))
    found = auc_later(train, test, "logistic")
    assert is_as_known(found, 0.830), found
    assert found > roc_auc_score(test[1], test[0]["recency"])


def test_cdnow_silence_by_mbg(cdnow):
    train, test = (history(cdnow, day, 91) for day in ("1997-12-31", "1998-03-31"))
    seen = [(frame["occasions"] - 1, frame["age"] - frame["recency"], frame["age"]) for frame, _ in (train, test)]
    past, now = (tuple(column.to_numpy(dtype="float64") for column in one) for one in seen)
    assert is_as_known(roc_auc_score(test[1], fit_mbg(*past).probability_none(*now, 91)), 0.832)


def test_online_retail_no_purchase_in_a_quarter():
    raw = read("online_retail/online_retail.csv.gz", encoding="utf-8", dtype={"InvoiceNo": str, "CustomerID": str})
    lines = raw.dropna(subset="CustomerID")
    lines = lines[~lines["InvoiceNo"].str.startswith("C") & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    purchases = pd.DataFrame({
        "customer": lines["CustomerID"], "date": pd.to_datetime(lines["InvoiceDate"], format="mixed").dt.normalize(),
        "amount": lines["Quantity"] * lines["UnitPrice"],
    })  # fmt: skip
    frame, label = history(purchases, "2011-09-09", 91)
    assert len(frame) == 3_370
    found = auc_in_folds(frame, label, "logistic")
    assert is_as_known(found, 0.738), found


def test_telco():
    raw = read("telco/telco_churn.csv", encoding="utf-8-sig")
    frame = raw.drop(columns=["customerID", "Churn", "Country", "City", "ZipCode", "Latitude", "Longitude"])
    frame["TotalCharges"] = pd.to_numeric(frame["TotalCharges"], errors="coerce")
    found = {kind: auc_in_folds(frame, raw["Churn"] == "Yes", kind) for kind in ("logistic", "boosting")}
    assert is_as_known(found["logistic"], 0.845) and is_as_known(found["boosting"], 0.848), found


@pytest.fixture(scope="module")
def leads():
    raw = read("xeducation/Leads.csv").replace("Select", np.nan)
    return raw.loc[:, [name for name in raw if not name.startswith("Unnamed")]]


LEAKING = ["Tags", "Lead Quality", "Lead Profile", "Last Notable Activity"]


def test_x_education_without_the_columns_that_leak(leads):
    leaking = [name for name in leads if name in LEAKING or name.startswith("Asymmetrique")]
    frame = leads.drop(columns=["Prospect ID", "Lead Number", "Converted", *leaking])
    found = {kind: auc_in_folds(frame, leads["Converted"] == 1, kind) for kind in ("logistic", "boosting")}
    assert is_as_known(found["logistic"], 0.893) and is_as_known(found["boosting"], 0.905), found


def test_the_leak_audit_finds_columns_written_after_the_outcome(leads):
    table = audit(leads.drop(columns="Converted"), leads["Converted"], seed=1)
    suspected = set(table.loc[table["suspected"], "column"])
    assert {"Tags", "Lead Quality"} <= suspected
    assert not suspected & {"Lead Source", "Lead Origin", "TotalVisits", "Total Time Spent on Website"}
    assert not suspected & {"Page Views Per Visit", "Prospect ID", "Lead Number"}
    assert not suspected & {"What is your current occupation", "What matters most to you in choosing a course"}
