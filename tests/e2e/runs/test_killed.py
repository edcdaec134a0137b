"""A run that is killed at any step changes no published table; the next run succeeds with the same tables."""

import fcntl
import subprocess

import duckdb
import pytest

from pipelines.publish.tables import published_tables
from tests.home import LAST_DAY, TIERHOUSE, copy_home, environment, fingerprint, published, tierhouse

STEPS = ("published_version",)
OTHER_STEPS = ("staged_batches", "landing", "dbt_staging", "customer_identity", "dbt_core", "scores", "dbt_published")


def start(home):
    return subprocess.Popen(
        [TIERHOUSE, "run", "--as-of", LAST_DAY],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process, step):
    """Read progress until the step begins; dbt steps until dbt has built something."""
    for line in process.stderr:
        if line.rstrip().endswith(f"] {step}"):
            break
    else:
        pytest.fail(f"the run ended before {step}")
    if step.startswith("dbt_"):
        assert "built" in process.stderr.readline()


@pytest.mark.parametrize(
    ("made", "steps"),
    [("young", STEPS), pytest.param("demo", OTHER_STEPS, marks=pytest.mark.soak)],
    ids=["the last", "all others"],
)
def test_a_killed_run_changes_no_published_table_and_the_next_run_publishes_the_same_tables(
    made, steps, request, tmp_path
):
    whole = request.getfixturevalue(made).home
    home = copy_home(whole, tmp_path / "home")
    before, ledger = fingerprint(home / "published"), fingerprint(home / "ledger")
    for step in steps:
        process = start(home)
        wait_for(process, step)
        process.kill()
        process.wait()
        after = fingerprint(home / "published")
        assert {name: after[name] for name in before} == before, step
        with duckdb.connect(str(home / "published" / "current" / "tierhouse.duckdb"), read_only=True) as reader:
            assert reader.execute("SELECT count(*) FROM customer_grades").fetchone()[0] > 0

    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        # A rules table as an older version of Tierhouse has left it.
        warehouse.execute("ALTER TABLE rules.margins DROP COLUMN label_zh")
    done = tierhouse(home, "run", "--as-of", LAST_DAY)
    assert "whose process is gone" in done.stderr
    assert fingerprint(home / "ledger") == ledger
    assert list(home.rglob(".*.partial")) == []
    assert list((home / "dbt").iterdir()) == []
    assert "Everything is as it was written." in tierhouse(home, "verify").stdout
    for table in published_tables():
        assert published(home, table).equals(published(whole, table)), table
    assert f"{LAST_DAY} started" not in tierhouse(home, "status").stdout


@pytest.mark.soak
def test_a_run_waits_for_the_one_that_holds_the_home(home):
    with (home / "dagster" / "locks" / "home").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(home)
        output = [process.stderr.readline()]
        while output[-1] and "waiting for another run to finish" not in output[-1]:
            output.append(process.stderr.readline())
        waited = process.poll() is None
    rest = process.communicate()[1]
    assert waited and process.returncode == 0, "".join([*output, rest])
    assert "published/current is now" in rest
