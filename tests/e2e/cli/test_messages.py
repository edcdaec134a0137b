"""Errors of the command line: one line that names the fault, and nothing is created or changed."""

import re
import signal
import socket
import subprocess

import pytest

from tests.home import LAST_DAY, TIERHOUSE, copy_home, environment, fingerprint, tierhouse


def refused(home, *arguments, **settings):
    done = tierhouse(home, *arguments, check=False, **settings)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["rollback", "2026-06-30-none"], ["reject", "none", "--reason", "x"], ["demote", "dormancy"]],
    ids=lambda arguments: arguments[0],
)
def test_a_mistyped_home_is_named_and_not_made(tmp_path, arguments):
    home = tmp_path / "hmoe"
    assert f"there is no home {home} (TIERHOUSE_HOME)" in refused(home, *arguments)
    assert not home.exists()


@pytest.mark.parametrize("command", [["run"], ["train"], ["backfill", "2026-06-01", "2026-06-02"]])
def test_a_home_without_sources_is_not_made(tmp_path, command):
    home = tmp_path / "home"
    assert f"expected mapping files such as {home / 'sources' / 'crm.yml'}" in refused(home, *command)
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "--as-of", "30/06/2026"], "expected a day as YYYY-MM-DD, got '30/06/2026'"),
        (["run", "--as-of", "2026-6-3"], "expected a day as YYYY-MM-DD, got '2026-6-3'"),
        (["run", "--as-of", "2026-02-30"], "there is no day 2026-02-30"),
        (["train", "--as-of", "0000-01-01"], "there is no day 0000-01-01"),
        (["backfill", "2026-06-29", "2026-06-01"], "expected the first day before the last, got 2026-06-29 and then"),
        (
            ["backfill", "1999-12-31", "2026-06-01"],
            "the first day that can be graded is 2000-01-01 (no lead is loaded yet)",
        ),
        (["run", "--as-of", "2126-06-30"], "cannot grade 2126-06-30, which is in the future: today is "),
        (["ui", "--port", "70000"], "70000 is not in the range 1<=x<=65535"),
    ],
)
def test_a_wrong_argument_gets_its_own_message(tmp_path, arguments, expected):
    assert expected in refused(tmp_path / "home", *arguments)
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_created_is_reported():
    output = refused("/proc/tierhouse/home", "demo", "--leads", "100")
    assert "/proc/tierhouse" in output
    assert "set TIERHOUSE_HOME to a folder that can be written" in output


def test_a_port_in_use_is_reported_before_a_process_starts(tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        output = refused(tmp_path / "home", "ui", "--port", str(port))
    assert f"port {port} of 127.0.0.1 cannot be used" in output
    assert "--port" in output
    assert not (tmp_path / "home").exists()


def test_the_version_is_printed(tmp_path):
    assert tierhouse(tmp_path, "--version").stdout.startswith("tierhouse ")


def test_status_changes_no_file_and_imports_no_heavy_library(young):
    before = fingerprint(young.home)
    done = tierhouse(young.home, "status", PYTHONPROFILEIMPORTTIME="1")
    output = done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "pipelines.cli.show" in imported
    assert not imported & {"dagster", "sklearn", "dbt", "great_expectations"}
    assert fingerprint(young.home) == before
    assert re.search(
        rf"daily_grading {LAST_DAY} success, started 2\d{{3}}-\d\d-\d\d \d\d:\d\d, took \d+ min \d+ s\n", output
    )
    assert re.search(r"landing    (1 batch|\d+ batches), [\d,]+ rows; 0 batches rejected", output)
    assert "none yet: run `tierhouse train`" in output


def test_ctrl_c_cancels_a_run_in_one_line(young, tmp_path):
    home = copy_home(young.home, tmp_path / "home")
    process = subprocess.Popen(
        [TIERHOUSE, "run", "--as-of", LAST_DAY], env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    for line in process.stderr:
        if line.rstrip().endswith("] dbt_staging"):
            break
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in stdout + stderr
    assert f"Stopped by Ctrl-C: daily_grading for {LAST_DAY} is canceled" in stderr.splitlines()[-1]
    assert f"daily_grading {LAST_DAY} canceled" in tierhouse(home, "status").stdout
