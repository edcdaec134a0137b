"""What is new, what is known, what is a correction."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.ingest import landing
from tests.ingest_home import NOW, SALES, UNKEYED, IngestHome, counts

HEADER = "id,customer,day,price\n"
TWO = HEADER + "1,A,2025-01-01,10\n2,B,2025-01-02,20\n"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping()
    home.raw(TWO)
    home.load()
    return home


def test_every_row_names_its_file_and_line(home: IngestHome) -> None:
    rows = home.query(
        "SELECT row_key, source, file, line, batch_seq, CAST(ingested_at AS VARCHAR), CAST(known_at AS VARCHAR), "
        "CAST(occurred_at AS VARCHAR), currency FROM landing.transactions ORDER BY line"
    )
    moment = "2026-01-15 03:00:00"
    assert rows[0] == ("shop:1", "shop", "sales.csv", 2, 1, moment, moment, "2024-12-31 16:00:00", "CNY")


def test_the_same_file_twice_adds_nothing_and_makes_no_batch(home: IngestHome) -> None:
    (report,) = home.load(NOW + timedelta(days=1))
    assert (report.batch, counts(report)) == (None, (2, 0, 0, 2))
    assert home.query("SELECT count(*) FROM landing.files") == [(1,)]


def test_the_same_rows_under_another_name_add_nothing(home: IngestHome) -> None:
    home.raw(TWO, "copy.csv")
    (report,) = home.load(NOW + timedelta(days=1))
    assert (report.batch.accepted, counts(report)) == ({}, (4, 0, 0, 4))
    (report,) = home.load(NOW + timedelta(days=2))
    assert (report.batch, counts(report)) == (None, (4, 0, 0, 4)), "read once, then known as a file"


def test_a_copy_whose_rows_were_all_known_does_not_undo_the_next_correction(home: IngestHome) -> None:
    home.raw(TWO, "z_copy.csv")
    home.load(NOW + timedelta(days=1))
    home.raw(TWO.replace("20\n", "25\n"))
    (report,) = home.load(NOW + timedelta(days=2))
    assert counts(report) == (4, 1, 0, 3)


def test_a_corrected_file_adds_its_new_and_changed_rows(home: IngestHome) -> None:
    home.raw(TWO.replace("20\n", "25\n") + "3,C,2025-01-03,30\n")
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (3, 2, 0, 1)
    versions = home.query("SELECT row_key, batch_seq, amount FROM landing.transactions ORDER BY ALL")
    assert [(key, seq, float(amount)) for key, seq, amount in versions] == [
        ("shop:1", 1, 10), ("shop:2", 1, 20), ("shop:2", 2, 25), ("shop:3", 2, 30),
    ]  # fmt: skip


def test_a_file_that_returns_to_its_old_content_is_a_correction_too(home: IngestHome) -> None:
    home.raw(TWO.replace("20\n", "25\n"))
    home.load(NOW + timedelta(days=1))
    home.raw(TWO)
    (report,) = home.load(NOW + timedelta(days=2))
    assert counts(report) == (2, 1, 0, 1)
    latest = home.query("SELECT arg_max(amount, batch_seq) FROM landing.transactions WHERE row_key = 'shop:2'")
    assert latest == [(20,)]


def test_a_changed_mapping_makes_new_versions_of_what_it_changes(home: IngestHome) -> None:
    home.mapping(SALES.replace("amount: price", "amount: {column: price, scale: 2}"))
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (2, 2, 0, 0)


def test_another_currency_of_the_source_makes_new_versions(home: IngestHome) -> None:
    home.mapping(SALES.replace("currency: CNY", "currency: USD"))
    assert counts(home.load(NOW + timedelta(days=1))[0]) == (2, 2, 0, 0)
    rows = home.query("SELECT DISTINCT currency, batch_seq FROM landing.transactions ORDER BY 2")
    assert rows == [("CNY", 1), ("USD", 2)]
    assert counts(home.load(NOW + timedelta(days=2))[0]) == (2, 0, 0, 2)


def test_of_two_lines_with_the_same_id_the_last_counts(home: IngestHome) -> None:
    home.raw(HEADER + "7,A,2025-01-01,10\n8,B,2025-01-01,1\n7,A,2025-01-01,11\n8,B,2025-01-01,1\n", "twice.csv")
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (6, 2, 1, 3)
    assert home.query("SELECT line, amount FROM landing.transactions WHERE row_key = 'shop:7'") == [(4, 11)]
    assert home.quarantine()[0][:3] == (2, "transactions", "duplicate_key")


def test_in_a_history_lines_with_the_same_id_are_versions_if_known_at_different_times(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "history: {known_at: seen}"))
    content = "id,customer,day,price,seen\n1,A,2025-01-01,10,2025-01-02\n1,A,2025-01-01,12,2025-02-02\n"
    home.raw(content)
    home.load()
    home.raw(content + "2,B,2025-01-01,5,2025-03-01\n")
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (3, 1, 0, 2)
    rows = home.query("SELECT amount, CAST(known_at AS VARCHAR) FROM landing.transactions ORDER BY known_at")
    assert [(float(amount), known) for amount, known in rows] == [
        (10, "2025-01-01 16:00:00"), (12, "2025-02-01 16:00:00"), (5, "2025-02-28 16:00:00"),
    ]  # fmt: skip


def test_honest_repetitions_stay_and_are_known_again(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(UNKEYED)
    home.raw("customer,day,price\nA,2025-01-01,10\nA,2025-01-01,10\nB,2025-01-01,10\n")
    assert counts(home.load()[0]) == (3, 3, 0, 0)
    home.raw("price,customer,day\n10,A,2025-01-01\n10,A,2025-01-01\n10,A,2025-01-01\n", "other_order.csv")
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (6, 1, 0, 5)
    ids = home.query(
        "SELECT row_key = 'shop:' || transaction_id, transaction_id[-2:] FROM landing.transactions ORDER BY 2"
    )
    assert ids == [(True, "-1"), (True, "-1"), (True, "-2"), (True, "-3")]


def test_implied_leads_come_once_and_never_replace_a_real_one(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(
        SALES
        + "      leads:\n        implied: true\n        lead_id: customer\n        created_at: day\n"
        + '  - path: "*.txt"\n    entities:\n      leads: {lead_id: customer, created_at: day, status: status}\n'
    )
    home.raw(HEADER + "1,A,2025-03-01,10\n2,A,2025-01-01,20\n3,B,2025-01-02,20\n")
    home.raw("customer,day,status\nB,2024-01-01,open\n", "leads.txt")
    home.load()
    leads = "SELECT lead_id, line, status FROM landing.leads ORDER BY ALL"
    assert home.query(leads) == [("A", 3, None), ("B", 2, "open")]
    home.raw(HEADER + "4,A,2024-01-01,10\n", "more.csv")
    home.load(NOW + timedelta(days=1))
    assert home.query(leads) == [("A", 3, None), ("B", 2, "open")]


def test_unmapped_columns_are_kept_and_optional_ones_may_be_missing(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("amount: price", "amount: price\n        agent_id: agent"))
    home.raw("id,customer,day,price,备注,empty\n1,A,2025-01-01,10,好,\n2,B,2025-01-01,10,,\n")
    (report,) = home.stage()
    path = home.settings.staged / report.batch.batch / "transactions.parquet"
    rows = home.query(f"SELECT agent_id, extra FROM '{path}' ORDER BY line")
    assert rows == [(None, '{"备注":"好","empty":null}'), (None, None)]


def test_a_corrected_spend_replaces_the_earlier_one(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    fields = "      costs: {month: month, channel: channel, amount: price, campaign: campaign}\n"
    home.mapping(SALES[: SALES.index("      transactions:")].replace("currency: CNY\n", "") + fields)
    header = "month,channel,price,campaign\n"
    first = "2025-01-01,Portal,100,\n2025-01-01,Portal,40,spring\n2025-02-01,Portal,100,\n2025-01-01,fair,7,\n"
    home.raw(header + first)
    assert counts(home.load()[0]) == (4, 4, 0, 0)
    home.raw(header + "2025-01-01,portal,120,\n2025-01-01,fair,7,\n2025-01-01,fair,7,\n", "later.csv")
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (7, 1, 0, 6)
    home.raw(header + "2025-03-01,fair,1,\n2025-03-01,fair,2,\n2025-03-01,,2,\n", "twice.csv")
    (report,) = home.load(NOW + timedelta(days=2))
    assert counts(report) == (10, 1, 2, 7)
    assert sorted(row[2] for row in home.quarantine()) == ["duplicate_key", "required"]
    latest = home.query("SELECT arg_max(amount, batch_seq), count(*) FROM landing.costs GROUP BY row_key ORDER BY ALL")
    assert [(float(amount), versions) for amount, versions in latest] == [(2, 1), (7, 1), (40, 1), (100, 1), (120, 2)]


def test_rejecting_a_batch_gives_the_lines_back_that_a_later_file_had_as_known(home: IngestHome) -> None:
    (first,) = landing.committed(home.settings)
    home.raw(TWO.replace("20\n", "25\n"))
    home.load(NOW + timedelta(days=1))
    landing.reject(home.settings, first.batch, "an amount was wrong")
    rows = "SELECT row_key, amount, batch_seq FROM landing.transactions ORDER BY 1"
    assert home.query(rows) == [("shop:1", 10, 2), ("shop:2", 25, 2)], "at once"
    (report,) = home.load(NOW + timedelta(days=2))
    assert (report.batch, counts(report)) == (None, (2, 0, 0, 2))
    assert len(home.query(rows)) == 2


def test_a_slow_clock_does_not_make_a_correction_the_older_version(home: IngestHome) -> None:
    home.raw(TWO.replace("20\n", "25\n"))
    home.load(NOW - timedelta(days=30))
    rows = home.query(
        "SELECT batch_seq, amount, known_at FROM landing.transactions WHERE row_key = 'shop:2' ORDER BY 1"
    )
    assert [(seq, amount) for seq, amount, _ in rows] == [(1, 20), (2, 25)]
    assert rows[0][2] <= rows[1][2]


def test_the_entities_of_a_source_follow_its_present_mapping(home: IngestHome) -> None:
    expected = "SELECT source, interactions, transactions FROM landing.sources"
    assert home.query(expected) == [("shop", False, True)]
    more = "      interactions: {interaction_id: id, lead_id: customer, occurred_at: day, kind: {value: call}}\n"
    home.mapping(SALES + more)
    assert home.query(expected) == [("shop", True, True)], "before the next batch"
    home.load(NOW + timedelta(days=1))
    home.mapping()
    assert home.query(expected) == [("shop", False, True)], "taken out of the mapping, with its batch still in landing"
    home.mapping("source: shop\n")
    assert home.query(expected) == [("shop", True, True)], "where no mapping loads, the latest batch says it"


def test_a_later_commit_counts_for_any_clock(home: IngestHome) -> None:
    home.raw(TWO.replace("20\n", "25\n"))
    home.load(NOW - timedelta(hours=2))
    home.raw(TWO)
    (report,) = home.load(NOW + timedelta(hours=1))
    assert counts(report) == (2, 1, 0, 1)
    rows = home.query("SELECT revision, amount FROM landing.transactions WHERE row_key = 'shop:2' ORDER BY revision")
    assert rows == [(1, 20), (2, 25), (3, 20)]


def test_a_date_that_is_corrected_and_corrected_back_is_three_versions(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "currency: CNY\nhistory: true"))
    for number, day in enumerate(["2025-01-20", "2025-01-05", "2025-01-05", "2025-01-20"]):
        home.raw(f"{HEADER}1,A,{day},10\n9,Z,2025-01-0{number + 1},1\n")
        home.load(NOW + timedelta(days=number))
    rows = home.query("SELECT revision, known_at FROM landing.transactions WHERE row_key = 'shop:1' ORDER BY revision")
    assert [(revision, str(known)[:10]) for revision, known in rows] == [
        (1, "2025-01-19"), (2, "2025-01-04"), (4, "2025-01-19"),
    ]  # fmt: skip


def test_a_date_that_is_corrected_back_to_the_earlier_day_counts_again(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "currency: CNY\nhistory: true"))
    for number, day in enumerate(["2025-01-05", "2025-01-09", "2025-01-05", "2025-01-05", "2025-01-09"]):
        home.raw(f"{HEADER}1,A,{day},10\n9,Z,2025-01-0{number + 1},1\n")
        home.load(NOW + timedelta(days=number))
    rows = home.query("SELECT revision, known_at FROM landing.transactions WHERE row_key = 'shop:1' ORDER BY revision")
    assert [(revision, str(known)[:10]) for revision, known in rows] == [
        (1, "2025-01-04"), (2, "2025-01-08"), (3, "2025-01-04"), (5, "2025-01-08"),
    ]  # fmt: skip


def test_known_rows_change_no_day_and_are_stored_once(tmp_path: Path) -> None:
    rng = random.Random(3)
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "currency: CNY\nhistory: true\nquarantine_bar: 1"))
    expected: dict[str, dict[int, int]] = {}
    for number in range(6):
        lines = []
        for key in map(str, range(150)):
            days = rng.sample(range(1, 6), rng.choice((0, 1, 1, 2, 3)))
            for day in sorted(days):
                price = rng.choice((10, 20))
                lines.append(f"{key},A,2025-01-{day:02d},{price}\n")
                # A later commit replaces all prices from its day on.
                expected[key] = {at: one for at, one in expected.get(key, {}).items() if at < day} | {day: price}
        for delivery in ("first.csv", "again.csv"):
            home.raw(HEADER + "".join(lines), delivery)
            (report,) = home.load(NOW + timedelta(hours=2 * number + (delivery == "again.csv")))
            accepted = {row.file: row.accepted for row in report.files}
            assert delivery == "first.csv" or accepted == {"first.csv": 0, "again.csv": 0}
        (home.settings.home / "raw" / "shop" / "again.csv").unlink()
    rows = home.query("SELECT row_key, day(occurred_at + INTERVAL 8 HOUR), amount FROM landing.transactions "
                      "ORDER BY revision, known_at")  # fmt: skip
    found: dict[str, dict[int, int]] = {}
    for row_key, day, amount in rows:
        key = row_key.removeprefix("shop:")
        found[key] = {at: one for at, one in found.get(key, {}).items() if at < day} | {day: int(amount)}
    assert found == expected


def test_two_versions_in_one_file_are_known_together_until_one_changes(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "currency: CNY\nhistory: true"))
    seen = []
    for number, prices in enumerate([(10, 20), (10, 20), (11, 20), (11, 20), (11, 21), (11, 21)]):
        lines = "".join(f"1,A,2025-01-0{day},{price}\n" for day, price in zip((5, 9), prices, strict=True))
        home.raw(f"{HEADER}{lines}9,Z,2025-01-0{number + 1},1\n")
        (report,) = home.load(NOW + timedelta(days=number))
        seen.append(counts(report)[1] - 1)
    assert seen == [2, 0, 2, 0, 1, 0], "a changed line supersedes what landing has behind it"


def test_where_the_file_states_known_at_an_older_state_that_arrives_later_stays_older(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "history: {known_at: seen}"))
    header = "id,customer,day,price,seen\n"
    home.raw(header + "1,A,2025-01-01,12,2025-02-02\n")
    home.load()
    home.raw(header + "1,A,2025-01-01,10,2025-01-02\n1,A,2025-01-01,12,2025-02-02\n", "archive.csv")
    (report,) = home.load(NOW + timedelta(days=1))
    assert counts(report) == (3, 1, 0, 2)
    rows = home.query("SELECT revision, amount FROM landing.transactions ORDER BY revision, known_at")
    assert rows == [(1, 10), (1, 12)]


@pytest.mark.parametrize("cut", range(1, 16))
def test_a_half_copied_last_line_without_an_id_is_no_second_row(tmp_path: Path, cut: int) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(UNKEYED.replace("currency: CNY\n", "currency: CNY\nquarantine_bar: 1\n"))
    whole = "customer,day,price\nA,2025-01-01,50000\nB,2025-01-02,70000\nC,2025-01-03,60000"
    home.raw(whole[:-cut])
    home.load()
    home.raw(f"{whole}\n")
    home.load(NOW + timedelta(days=1))
    rows = home.query("SELECT lead_id, amount FROM landing.transactions ORDER BY 1")
    assert rows == [("A", 50000), ("B", 70000), ("C", 60000)]


def test_a_whole_last_line_needs_no_line_break(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(UNKEYED)
    home.raw("customer,day,price\nA,2025-01-01,50000\nC,2025-01-03,60000")
    assert counts(home.load()[0]) == (2, 2, 0, 0)
    home.raw('customer,day,price\nA,2025-01-01,50000\nC,2025-01-03,60000\nD,2025-01-03,"7"')
    assert counts(home.load()[0]) == (3, 1, 0, 2)


def test_files_that_are_read_again_for_a_new_mapping_keep_their_place(home: IngestHome) -> None:
    home.raw(HEADER + "2,B,2025-01-02,25\n", "a_correction.csv")
    home.load(NOW + timedelta(days=1))
    home.mapping(SALES.replace("amount: price", "amount: {column: price, scale: 2}"))
    (report,) = home.load(NOW + timedelta(days=2))
    assert (counts(report), report.batch.faults) == ((3, 3, 0, 0), ()), "sales.csv sorts behind the correction"
    order = "(revision, known_at, batch_seq)"
    latest = f"SELECT row_key, arg_max(amount, {order}) FROM landing.transactions GROUP BY 1 ORDER BY 1"
    assert home.query(latest) == [("shop:1", 20), ("shop:2", 50)]
    (home.settings.home / "raw" / "shop" / "a_correction.csv").unlink()
    home.mapping(SALES.replace("amount: price", "amount: {column: price, scale: 3}"))
    home.load(NOW + timedelta(days=3))
    assert home.query(latest) == [("shop:1", 30), ("shop:2", 50)], "an old file brings no old state back"
    home.load(NOW + timedelta(days=4))
    assert counts(home.load(NOW + timedelta(days=5))[0]) == (2, 0, 0, 2)
