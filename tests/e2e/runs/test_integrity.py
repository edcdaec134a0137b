"""Files changed by another program: the run refuses to read them, `verify` names each file and a remedy."""

import json

from tests.home import LAST_DAY, tierhouse


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_verify_finds_no_fault_in_a_home_that_only_runs_have_written(demo):
    output = tierhouse(demo.home, "verify").stdout
    assert output.rstrip().endswith("Everything is as it was written.")
    result = json.loads(tierhouse(demo.home, "verify", "--json").stdout)
    files = {one["place"]: one["files"] for one in result["places"]}
    needed = ("landing: batch manifests", "landing: rows", "ledger", "champions", "models", "published versions")
    assert all(files[place] for place in needed)
    assert (result["wrong"], result["changing"]) == ([], [])


def test_a_flipped_bit_stops_the_run_that_would_read_it_and_verify_names_it(home):
    rows = next(home.glob("landing/data/*/leads.parquet"))
    flip(rows)
    version = next(home.glob("published/versions/*"))
    flip(version / "customer_grades.parquet")
    done = tierhouse(home, "run", "--as-of", LAST_DAY, check=False)
    assert done.returncode == 1
    assert "leads.parquet: expected SHA-256" in done.stderr
    assert f"tierhouse reject {rows.parent.name} --reason" in done.stderr
    done = tierhouse(home, "verify", check=False)
    assert done.returncode == 1
    wrong = [line for line in done.stdout.splitlines() if line.startswith("wrong: ")]
    assert len(wrong) == 2
    assert rows.name in wrong[0] and f"{version.name}/customer_grades.parquet" in wrong[1]
    done = tierhouse(home, "rollback", version.name, check=False)
    assert done.returncode == 1 and "customer_grades.parquet: expected SHA-256" in done.stderr


def test_a_log_that_was_changed_stops_the_run_before_its_first_step_until_it_is_accepted(home):
    flip(home / "checksums.log")
    done = tierhouse(home, "run", "--as-of", LAST_DAY, check=False)
    assert done.returncode == 1
    assert "checksums.log: " in done.stderr and "tierhouse verify --accept checksums.log" in done.stderr
    tierhouse(home, "verify", "--accept", "checksums.log", "--reason", "looked through")
    next(home.glob("quarantine/*.parquet")).unlink()
    (wrong,) = json.loads(tierhouse(home, "verify", "--json", check=False).stdout)["wrong"]
    assert "--accept needs --reason" in tierhouse(home, "verify", "--accept", wrong["file"], check=False).stderr
    tierhouse(home, "verify", "--accept", wrong["file"], "--reason", "a customer asked for it")
