"""The command line on bad days: one clear line, no stack trace, and the other sources go on."""

import pytest

from tests.home import published, tierhouse

SHOP = """\
source: {name}
root: {root}
timezone: Asia/Shanghai
history: true
files:
  - path: {name}.csv
    entities:
      leads:
        lead_id: id
        created_at: day
      transactions:
        lead_id: id
        occurred_at: day
        kind: {{value: sale}}
        amount: price
        currency: {{value: CNY}}
"""
GOOD = "id,day,price\n" + "".join(f"{n},2026-0{1 + n % 6}-01,{n}.50\n" for n in range(1, 60))


def add(home, name, content, mapping=SHOP):
    (home / "sources").mkdir(parents=True, exist_ok=True)
    raw = home / "raw"
    raw.mkdir(exist_ok=True)
    (raw / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    (home / "sources" / f"{name}.yml").write_text(mapping.format(name=name, root=raw), encoding="utf-8")


def plain(said):
    assert "Traceback" not in said.stdout + said.stderr
    return said.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["backfill", "-h"]])
def test_help_ends_well(tmp_path, arguments):
    said = tierhouse(tmp_path, *arguments)
    assert "Usage: tierhouse" in said.stdout
    assert plain(said) == ""


def test_an_empty_home_says_what_to_put_where(tmp_path):
    said = tierhouse(tmp_path / "home", "run", "--as-of", "2026-06-30", check=False)
    assert said.returncode == 1
    assert f"expected mapping files such as {tmp_path / 'home' / 'sources' / 'crm.yml'}" in plain(said)


def test_a_home_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("no folder")
    said = tierhouse(tmp_path / "file" / "home", "demo", check=False)
    assert said.returncode == 1
    assert "set TIERHOUSE_HOME to a folder that can be written" in plain(said)


def test_a_wrong_setting_is_named(tmp_path):
    said = tierhouse(tmp_path, "status", check=False, TIERHOUSE_TIMEZONE="Peking")
    assert said.returncode == 1
    assert plain(said).startswith("Error: TIERHOUSE_TIMEZONE='Peking'")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["rollback", "2026-06-30-none"], "no published version '2026-06-30-none'"),
        (["reject", "none", "--reason", "x"], "expected a staged or committed batch"),
        (["demote", "dormancy"], "expected two dormancy champions for 90 days, to return to the first; found none"),
        (
            ["demote", "churn"],
            "expected a target of intent, dormancy, tenant_loss, winback, purchase_silence, found churn",
        ),
    ],
)
def test_wrong_arguments_get_one_line(tmp_path, arguments, expected):
    said = tierhouse(tmp_path, *arguments, check=False)
    assert said.returncode in (1, 2)
    assert expected in plain(said)


def test_a_poisoned_batch_stops_the_line_until_it_is_set_aside_and_broken_files_do_not(tmp_path):
    home = tmp_path / "home"
    add(home, "poisoned", GOOD + "".join(f"{n},2026-02-31,1\n" for n in range(100, 130)))
    add(home, "good", GOOD)
    add(home, "zipped", b"PK\x03\x04" + bytes(200))
    add(home, "empty", "")
    add(home, "headeronly", "id,day,price\n")
    add(home, "columnmissing", "id,price\n1,2\n")
    add(home, "nodate", "id,day,price\n1,31-02-2025,2\n2,30-02-2025,3\n")
    add(home, "wrongmapping", GOOD, SHOP.replace("lead_id: id", "lead: id"))
    add(home, "somedirt", GOOD + "60,2026-02-31,1\n61,2026-01-01,-5\n")
    said = tierhouse(home, "run", "--as-of", "2026-06-30", check=False)
    assert said.returncode == 1
    assert "gate_raw" in plain(said)
    assert not (home / "published" / "current").exists()
    (batch,) = [folder.name for folder in (home / "staged").iterdir() if folder.name.startswith("poisoned-")]
    tierhouse(home, "reject", batch, "--reason", "wrong export")

    said = plain(tierhouse(home, "run", "--as-of", "2026-06-30"))
    for expected in (
        "zipped.csv",
        "empty.csv",
        "headeronly.csv",
        "columnmissing.csv, line 1",
        "nodate.csv, line 2, created_at: no row fits the mapping",
        "wrongmapping.yml, line 9, leads.lead",
    ):
        assert expected in said, expected
    grades = published(home, "customer_grades")
    assert len(grades) == 59 + 60
    assert set(grades["churn_status"]) == {"not_available"}
    quality = published(home, "data_quality")
    faults = quality[quality["rows_failed"] > 0].set_index(["rule", "entity"])["rows_failed"]
    assert faults["type", "leads"] == 1
    assert faults["minimum", "transactions"] == 1
