"""Ids, marks, dates, notes and consent in exports: what a draft guesses, and what it asks about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.ingest.draft.exports import Drafted


@pytest.mark.parametrize("blank", ["", "-"])
def test_a_repeated_id_is_used_and_blanks_are_quarantined(tmp_path: Path, blank: str) -> None:
    rows = "".join(f"R{number},2025-03-{number % 27 + 1:02},,,\n" for number in range(1, 20))
    text = f"Record Id,Created Time,Phone,Email,City\nR1,2025-03-01,16000000001,,Paris\n{rows}".replace(
        ",,", f",{blank},"
    )
    drafted = Drafted(tmp_path, {"leads.csv": text})
    assert "lead_id: Record Id" in drafted.draft.text
    assert drafted.doubts("'Record Id' is used as the id", "1 of its values")
    assert len(set(drafted.rows("leads", "row_key"))) == 19
    text = "Name,Phone,Email,Created Time\n" + "".join(f",,,2025-03-{day:02}\n" for day in range(1, 13))
    drafted = Drafted(
        tmp_path / "hash", {"leads.csv": text + "Ann,16000000001,,2025-03-13\nBo,,,2025-03-13\nBo,,,2025-03-14\n"}
    )
    assert drafted.counts == (15, 3, 12, 0)
    assert {row[2] for row in drafted.home.quarantine()} == {"required"}
    assert drafted.doubts("12 lines with neither will be quarantined")


@pytest.mark.parametrize(
    ("prices", "decimal", "is_doubt"),
    [
        (["310,000", "1,310,000"], ".", False),
        (["310,000", "420,500"], ".", True),
        (["850.000", "1.250.000", "415.000,50 €"], ",", False),
        (["850.000", "320.000"], ",", True),
        (["$310,000.00", "$99.50"], ".", False),
        (["310000", "420000.5"], ".", False),
        (["310000", "420000"], None, False),
        (["¥310,000", "¥1,420,000"], ".", False),
        (["12,50,000", "3,10,000"], ".", False),
    ],
)  # fmt: skip  # a table of cases
def test_decimal_marks_are_guessed_from_the_column_and_written(
    tmp_path: Path, prices: list[str], decimal: str | None, is_doubt: bool
) -> None:
    rows = "".join(f"D{at};C1;2025-03-0{at};{price}\n" for at, price in enumerate(prices, 1))
    drafted = Drafted(tmp_path, {"deals.csv": f"Deal ID;Customer ID;Close Date;Amount\n{rows}"})
    key = f"decimal: {chr(34)}{decimal}{chr(34)}" if decimal else "amount: Amount\n"
    assert key in drafted.draft.text
    assert bool(drafted.doubts("'Amount'", "decimals")) == is_doubt
    assert drafted.counts[2] == 0
    amounts = {price: amount for price, (amount,) in zip(prices, drafted.rows("transactions", "amount"), strict=True)}
    for price, amount in amounts.items():
        plain = price.strip("$¥ €").replace("," if decimal != "," else ".", "").replace(",", ".")
        assert float(amount) == float(plain)


def test_a_column_without_a_certain_mark_has_the_mark_of_the_others(tmp_path: Path) -> None:
    text = "Deal ID;Customer ID;Close Date;Amount;Commission\n1;C1;2025-03-01;850.000;25.500,00\n"
    drafted = Drafted(tmp_path, {"deals.csv": text})
    assert drafted.rows("transactions", "amount", "commission") == [(850_000, 25_500)]
    assert not drafted.doubts("'Amount'")


def test_a_repeated_id_of_events_is_the_id_of_the_customer(tmp_path: Path) -> None:
    text = "ID,Date,Type\nA,2025-03-01,Call\nA,2025-03-02,Call\nB,2025-03-03,Visit\nA,2025-03-04,Visit\n"
    drafted = Drafted(tmp_path, {"contacts.csv": text})
    assert [lead for (lead,) in drafted.rows("interactions", "lead_id")] == ["A", "A", "B", "A"]
    assert drafted.doubts("'ID'", "repeats")


def test_a_deal_on_two_lines_keeps_its_id(tmp_path: Path) -> None:
    rows = "".join(f"D{at},C{at},2025-03-{at:02},{at}00\n" for at in range(1, 20))
    drafted = Drafted(
        tmp_path, {"deals.csv": f"Deal ID,Customer ID,Close Date,Amount\n{rows}D19,C19,2025-03-19,2000\n"}
    )
    assert "transaction_id: Deal ID" in drafted.draft.text
    assert drafted.doubts("'Deal ID' is used as the id", "1 of its values")
    assert len(drafted.rows("transactions", "row_key")) == 19


def test_notes_are_not_read_as_states_and_not_shown(tmp_path: Path) -> None:
    notes = (
        "Mr Smith wants to come back on Sunday with his wife",
        "call 13900000000",
        "客户王先生说下周六再来看一次房",
        "Won",
    )
    rows = "".join(f"{at},C{at},2025-03-0{at},100,{note}\n" for at, note in enumerate(notes, 1))
    drafted = Drafted(tmp_path, {"deals.csv": f"Deal ID,Customer ID,Close Date,Amount,Outcome\n{rows}"})
    assert not any(word in drafted.draft.text for word in ("Smith", "139", "王先生"))
    assert drafted.doubts("no column has the kind of deal")


def test_dates_of_another_pattern_are_quarantined(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"leads.csv": "id,created\nA,24-03-05\nB,05.01.24\nC,24/3/7\nD,24/3/8\n"})
    assert drafted.doubts("'created'", "several ways")
    assert "2020-01-01" not in drafted.draft.text
    assert drafted.counts == (4, 2, 2, 0)


def test_files_of_one_system_have_the_same_customers(tmp_path: Path) -> None:
    files = {
        "leads.csv": "id,created,phone\nA,2024-12-01,16000000001\nB,2024-12-02,16000000002\n",
        "deals.csv": "tx,deal,id,day,kind,amount\nt1,D1,A,2025-01-10,rental,100\nt2,D1,A,2026-01-05,renewal,120\n",
        "calls [1].csv": "iid,id,at,kind,dir\n"
        "1,A,2025-05-10 17:30:00 UTC,enquiry,in\n2,B,2025-05-11 17:30 UTC,call,in\n",
    }
    drafted = Drafted(tmp_path, files)
    assert drafted.counts[2] == 0
    assert drafted.rows("transactions", "row_key", "lead_id", "deal_id", "kind") == [
        ("x:t1", "A", "D1", "rental"),
        ("x:t2", "A", "D1", "renewal"),
    ]
    assert drafted.rows("interactions", "lead_id", "CAST(occurred_at AS VARCHAR)", "direction") == [
        ("A", "2025-05-10 17:30:00", "in"),
        ("B", "2025-05-11 17:30:00", "in"),
    ]
    assert len(drafted.rows("leads", "row_key")) == 2


def test_customers_in_no_list_of_leads_keep_their_deals(tmp_path: Path) -> None:
    leads = "".join(f"L{at},2024-12-01,1600000000{at}\n" for at in range(10))
    deals = "".join(f"t{at},L{at},2025-01-10,sale,100\n" for at in (*range(6), *range(20, 25)))
    drafted = Drafted(
        tmp_path, {"leads.csv": f"Lead ID,Created,Phone\n{leads}", "deals.csv": f"tx,Lead ID,day,kind,amount\n{deals}"}
    )
    assert drafted.doubts("deals.csv: 'Lead ID'", "5 of its 11 customers are in no list of leads")
    assert drafted.counts[2] == 0
    known = {key for (key,) in drafted.rows("leads", "row_key")}
    assert {f"x:{lead}" for (lead,) in drafted.rows("transactions", "lead_id")} <= known
    assert len(known) == 15
    assert [phone for (phone,) in drafted.rows("leads", "phone")].count(None) == 5, (
        "expected a listed lead to take precedence"
    )


def test_a_consent_is_read_by_words_for_yes_and_no_only(tmp_path: Path) -> None:
    texts = ("1.0", "0.0", "", "1.0", "maybe")
    rows = "".join(f"{at},2025-03-0{at},{text}\n" for at, text in enumerate(texts, 1))
    drafted = Drafted(tmp_path, {"leads.csv": f"Lead ID,Created,Email Opt Out\n{rows}"})
    assert drafted.rows("leads", "marketing_consent") == [(False,), (True,), (None,), (False,), (None,)]
    assert drafted.doubts("'Email Opt Out'", "neither yes nor no", "become blank")
    both = "1,2025-03-01,是,未退订\n2,2025-03-02,是,已退订\n3,2025-03-03,,未退订\n4,2025-03-04,否,\n"
    drafted = Drafted(tmp_path / "b", {"leads.csv": f"客户编号,登记日期,同意营销,退订\n{both}"})
    assert drafted.rows("leads", "marketing_consent") == [(True,), (False,), (True,), (False,)]


def test_names_among_the_words_of_a_column_are_not_shown(tmp_path: Path) -> None:
    words = ["Connected"] * 4 + ["Mary Wong"] * 6
    rows = "".join(f"2025-03-0{at % 9 + 1} 10:0{at},1600000000{at},Outgoing,{word}\n" for at, word in enumerate(words))
    drafted = Drafted(tmp_path, {"calls.csv": f"Date,Phone,Direction,Result\n{rows}"})
    assert "Mary" not in drafted.draft.text
    assert drafted.doubts("'Result'", "1 text")
    assert drafted.rows("interactions", "answered").count((True,)) == 4
    stages = ["Won"] * 4 + ["Mary Wong"] * 6
    rows = "".join(f"t{at},L{at},2025-03-0{at % 9 + 1},100,{stage}\n" for at, stage in enumerate(stages))
    deals = Drafted(tmp_path / "deals", {"deals.csv": f"tx,Lead ID,sale date,amount,Stage\n{rows}"})
    assert "Mary" not in deals.draft.text
    assert deals.rows("transactions", "kind") == [("sale",)] * 4
    statuses = ["New"] * 6 + ["Bo Ma"] * 4
    rows = "".join(f"L{at},2025-03-0{at % 9 + 1},{status}\n" for at, status in enumerate(statuses))
    leads = Drafted(tmp_path / "leads", {"leads.csv": f"Lead ID,Created,Lead Status\n{rows}"})
    assert leads.doubts("'Lead Status'", "'Bo Ma' (4)"), "expected a repeated word in a column of mostly known words"
    assert drafted.counts[2] == 0


def test_a_line_never_gets_a_constant_id(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"a.csv": "Amount,Date\n100,2025-03-01\n200,2025-03-02\n"})
    assert '"?"' not in drafted.draft.text
    assert len(set(drafted.rows("leads", "row_key"))) == 2
    drafted = Drafted(tmp_path / "b", {"b.csv": "Created Date,City\n2025-03-01,Paris\n2025-03-02,Rome\n"})
    assert len(set(drafted.rows("leads", "row_key"))) == 2


def test_a_first_column_of_unique_ids_is_the_id_under_any_name(tmp_path: Path) -> None:
    text = "iid,Customer ID,at,kind\n{}1,A,2025-05-10,enquiry\n2,B,2025-06-10,call\n"
    drafted = Drafted(tmp_path, {"contacts.csv": text.format("")})
    assert "interaction_id: iid" in drafted.draft.text
    assert drafted.doubts("'iid' is used as the id")
    drafted = Drafted(tmp_path / "repeated", {"contacts.csv": text.format("1,A,2025-05-09,call\n")})
    assert "interaction_id" not in drafted.draft.text
