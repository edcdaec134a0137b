"""The models that tests feed with files, compiled once."""

from __future__ import annotations

import pytest

from tests.integration.dbt.compiled import Compiled


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return Compiled(
        tmp_path_factory.mktemp("dbt"),
        "customer_grades", "customer_profile", "customer_churn", "agent_worklist", "crm_records", "customer_demand",
        "target_labels", "data_quality", "listings", "listing_matches", "winback_cases", "winback_outcomes",
        "int_kpi_activity",
    )  # fmt: skip
