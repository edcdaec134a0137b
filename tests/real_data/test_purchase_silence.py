"""Purchase silence as a user gets it: `check`, `train` and `run` on files of shops, judged on what came afterwards."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from pipelines.home.key import load_secret, pseudonym
from pipelines.home.settings import PROJECT_ROOT, Settings
from tests.home import published, tierhouse
from tests.real_data.test_models import is_as_known

pytestmark = pytest.mark.soak

MAPPINGS = Path(__file__).parent / "mappings"
DATA = PROJECT_ROOT.parent / "shared" / "data"

CDNOW = """
SELECT lpad(line[1], 5, '0') AS customer, strptime(line[3], '%Y%m%d')::DATE AS day
FROM (SELECT string_split_regex(trim(line), '\\s+') AS line
      FROM read_csv('{data}/cdnow/CDNOW_sample.txt', header = false, columns = {{'line': 'VARCHAR'}}, delim = '|'))
"""
RETAIL = """
SELECT replace(CustomerID, '.0', '') AS customer, InvoiceDate::TIMESTAMP::DATE AS day
FROM read_csv('{data}/online_retail/online_retail.csv.gz', all_varchar = true)
WHERE CustomerID IS NOT NULL AND InvoiceNo NOT LIKE 'C%' AND Quantity::INT > 0 AND UnitPrice::DOUBLE > 0
"""
"""Purchases by plain SQL on the raw files."""


@dataclass(frozen=True)
class Judged:
    """What was published for buyers of a day, beside what the raw file says of the 90 days after it."""

    silent: np.ndarray
    probability: np.ndarray
    days_since: np.ndarray

    @property
    def auc(self) -> float:
        return float(roc_auc_score(self.silent, self.probability))

    @property
    def recency_auc(self) -> float:
        return float(roc_auc_score(self.silent, self.days_since))

    def pr_auc_of_returners(self, score: np.ndarray) -> float:
        return float(average_precision_score(~self.silent, -score))


def graded(home: Path, source: str, as_of: str, **settings: str) -> Path:
    if not (DATA / source).is_dir():
        pytest.skip(f"the real data is absent: {DATA / source}")
    (home / "sources").mkdir(parents=True)
    mapping = (MAPPINGS / f"{source}.yml").read_text(encoding="utf-8")
    (home / "sources" / f"{source}.yml").write_text(
        mapping.replace(f"root: ../../../../shared/data/{source}", f"root: {DATA / source}"), encoding="utf-8"
    )
    tierhouse(home, "check", source, **settings)
    tierhouse(home, "train", "--as-of", as_of, **settings)
    tierhouse(home, "run", "--as-of", as_of, **settings)
    return home


def judged(home: Path, source: str, purchases: str, as_of: str) -> Judged:
    """Each published probability against the raw file; every buyer of the file must have one."""
    with duckdb.connect() as connection:
        realised = connection.execute(
            f"SELECT customer, bool_or(day > ?::DATE AND day <= ?::DATE + 90) AS returned, "
            f"?::DATE - max(day) FILTER (WHERE day <= ?::DATE) AS days_since "
            f"FROM ({purchases.format(data=DATA)}) GROUP BY customer HAVING min(day) <= ?::DATE",
            [as_of] * 5,
        ).df()
    keys = [f"{source}:{customer}" for customer in realised["customer"]]
    secret = load_secret(Settings(home=home))
    realised["customer_id"] = [pseudonym(key, secret) for key in keys]
    table = published(home, "customer_purchase_silence")
    assert set(table["status"]) == {"scored"} and not table["customer_id"].duplicated().any()
    both = realised.merge(table, on="customer_id")
    # A customer who returned all purchases is no buyer; the raw file does not say which line a cancellation cancels.
    assert 0.985 * len(realised) <= len(both) == len(table) <= len(realised)
    return Judged(
        ~both["returned"].to_numpy(dtype=bool),
        both["silence_probability"].to_numpy(),
        both["days_since"].to_numpy(dtype="float64"),
    )


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory):
    home = graded(
        tmp_path_factory.mktemp("cdnow") / "home", "cdnow", "1998-03-31",
        TIERHOUSE_FIRST_DAY="1997-01-01", TIERHOUSE_TIMEZONE="America/New_York",
    )  # fmt: skip
    return home, judged(home, "cdnow", CDNOW, "1998-03-31")


def test_cdnow_reaches_the_figures_by_the_command_line(cdnow):
    _, found = cdnow
    returners = found.pr_auc_of_returners(found.probability)
    recency = found.pr_auc_of_returners(found.days_since)
    sys.stdout.write(
        f"\nCDNOW, 90 days after 1998-03-31, n = {len(found.silent):,}: AUC {found.auc:.3f} (recency "
        f"{found.recency_auc:.3f}), PR-AUC of returners {returners:.3f} (recency {recency:.3f}), predicted "
        f"{found.probability.mean():.3f}, realised {found.silent.mean():.3f}"
    )
    assert len(found.silent) == 2_357
    assert is_as_known(found.auc, 0.830) and is_as_known(found.recency_auc, 0.826)
    assert is_as_known(returners, 0.516) and is_as_known(recency, 0.423)
    assert 0.9 <= found.probability.mean() / found.silent.mean() <= 1.1


def test_cdnow_has_reasons_in_both_languages_and_a_report(cdnow):
    home, _ = cdnow
    table = published(home, "customer_purchase_silence")
    assert table[["reason_1", "reason_1_zh", "model_version", "probability_source"]].notna().all(axis=None)
    report = published(home, "model_report")
    ours = report[report["target"] == "purchase_silence"]
    assert {"recency_rule", "rfm_logistic", "mbg_none"} <= set(ours["model"])


def test_online_retail_reaches_the_figures_by_the_command_line(tmp_path):
    home = graded(
        tmp_path / "home", "online_retail", "2011-09-09",
        TIERHOUSE_FIRST_DAY="2010-01-01", TIERHOUSE_TIMEZONE="Europe/London",
    )  # fmt: skip
    found = judged(home, "online_retail", RETAIL, "2011-09-09")
    sys.stdout.write(
        f"\nOnline Retail, 90 days after 2011-09-09, n = {len(found.silent):,}: AUC {found.auc:.3f} (recency "
        f"{found.recency_auc:.3f}), predicted {found.probability.mean():.3f}, realised {found.silent.mean():.3f}"
    )
    assert is_as_known(found.auc, 0.738) and is_as_known(found.recency_auc, 0.683)
