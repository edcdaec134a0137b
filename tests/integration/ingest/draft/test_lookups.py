"""Look-ups that `map` proposes for files of an unknown system, by the names and values of their columns."""

from __future__ import annotations

from pathlib import Path

from tests.integration.ingest.draft.exports import Drafted

CONTACTS = """\
Record Id,Account ID,Full Name,Phone,Created Time
c1,a1,Ann Lee,16000000001,2025-01-01
c2,a2,Bo Ma,16000000002,2025-01-02
c3,a3,Cy Xu,16000000003,2025-01-03
"""
DEALS = """\
Record Id,Account ID,Deal Stage,Closing Date,Amount,Currency
d1,a1,Closed Won,2025-03-01,3000000,CNY
d2,a2,Closed Won,2025-03-02,2000000,CNY
d3,a3,Closed Lost,2025-03-02,2000000,CNY
"""
VISITS = """\
Visit ID,Deal ID,Visit Date,Status
v1,d1,2025-02-01 10:00,Completed
v2,d2,2025-02-02 10:00,Completed
v3,d3,2025-02-02 10:00,Completed
"""
PAYMENTS = "Payment ID,Deal ID,Payment Date,Payment Type,Amount\n" + "".join(
    f"p{number},{deal},2025-04-{number + 1:02},Deposit,50000\n" for number, deal in enumerate(["d1"] * 8 + ["d2", "d9"])
)
PAYMENTS_ZH = """\
付款编号,合同编号,付款日期,付款金额,款项类型
1,H1,2025-03-01,50000,定金
2,H2,2025-03-02,50000,定金
3,H1,2025-04-01,3000000,尾款
"""
CONTRACTS_ZH = """\
合同编号,客户编号,签约日期,签约金额
H1,K1,2025-03-20,3050000
H2,K2,2025-03-21,4000000
"""
CUSTOMERS_ZH = """\
客户编号,客户姓名,联系电话,登记时间
K1,张三,16000000001,2025-01-01
K2,李四,16000000002,2025-01-02
"""


def test_deals_and_events_get_their_customer_through_a_chain_of_files(tmp_path: Path) -> None:
    files = {"contacts.csv": CONTACTS, "deals.csv": DEALS, "payments.csv": PAYMENTS, "visits.csv": VISITS}
    drafted = Drafted(tmp_path, files)
    assert 'lookups: {account: {in: contacts.csv, "on": {Account ID: Account ID}}}' in drafted.draft.text
    assert "lead_id: account.Record Id" in drafted.draft.text
    assert drafted.report.problems == []
    assert drafted.rows("leads", "lead_id") == [("c1",), ("c2",), ("c3",)]
    assert drafted.rows("interactions", "lead_id", "kind") == [(f"c{number}", "viewing") for number in (1, 2, 3)]
    deals = [(lead, str(kind)) for lead, kind in drafted.rows("transactions", "lead_id", "kind")]
    assert deals == [("c1", "sale"), ("c2", "sale"), *[("c1", "deposit")] * 8, ("c2", "deposit")]
    (unmatched,) = drafted.home.quarantine()
    assert unmatched[:4] == (11, "transactions", "required", "lead_id")
    assert drafted.doubts("payments.csv", "deals.csv and contacts.csv", "1 lines without one will be quarantined")
    assert drafted.doubts("payments.csv: deals.csv also has amounts")


def test_payments_of_contracts_get_the_customer_of_the_contract(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"客户.csv": CUSTOMERS_ZH, "合同.csv": CONTRACTS_ZH, "回款.csv": PAYMENTS_ZH})
    assert 'lookups: {other: {in: 合同.csv, "on": {合同编号: 合同编号}}}' in drafted.draft.text
    payments = [row for row in drafted.rows("transactions", "file", "lead_id") if row[0] == "回款.csv"]
    assert [lead for _, lead in payments] == ["K1", "K2", "K1"]


def test_numbers_of_lines_are_no_look_up(tmp_path: Path) -> None:
    """All files number their lines 1, 2, 3: equal values without equal names refer to nothing."""
    visits = "ID,Agent,Visit Date\n" + "".join(f"{number},Li,2025-03-0{number}\n" for number in (1, 2, 3))
    leads = "ID,Name,Phone,Created Time\n" + "".join(f"{at},Ann,1600000000{at},2025-01-01\n" for at in (1, 2, 3))
    orders = "ID,Unit ID,Order Date,Amount\n" + "".join(f"{at},{at},2025-03-0{at},100\n" for at in (1, 2, 3))
    drafted = Drafted(tmp_path, {"leads.csv": leads, "visits.csv": visits, "orders.csv": orders})
    assert "lookups" not in drafted.draft.text


def test_contacts_of_one_account_stay_apart(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"contacts.csv": CONTACTS.replace("a2", "a1").replace("a3", "a1")})
    assert [lead for (lead,) in drafted.rows("leads", "lead_id")] == ["c1", "c2", "c3"]
