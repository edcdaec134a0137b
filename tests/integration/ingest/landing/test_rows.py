"""No row is lost or doubled after any changes of files and batches (`rows_machine`)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.integration.ingest.landing.rows_machine import RowsMachine

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class TestRows(RowsMachine.TestCase):
    settings = settings(max_examples=10, stateful_step_count=25, deadline=None, suppress_health_check=CHECKS)


@pytest.mark.soak
class TestManyRows(RowsMachine.TestCase):
    settings = settings(max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=CHECKS)
