"""Faults of connection files are named by file, line and field, and no secret is shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.connect.connection import load_connection
from pipelines.connect.errors import ConnectError
from pipelines.ingest.errors import MappingError

DATABASE = """\
kind: database
url: postgresql://reader@db/crm
password: {env: CRM_PASSWORD}
tables:
  leads: {table: sales.lead, key: id, cursor: updated_at, overlap: 2d}
"""
ZOHO = """\
kind: zoho
client_id: {env: A}
client_secret: {env: B}
refresh_token: {file: token}
tables:
  leads: {table: Leads, fields: [Last_Name]}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "crm.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_defaults(tmp_path: Path) -> None:
    (table,) = load_connection(write(tmp_path, DATABASE)).tables
    assert (table.remote, table.key, table.cursor, table.overlap) == (
        "sales.lead", ("id",), "updated_at", timedelta(days=2),
    )  # fmt: skip
    connection = load_connection(write(tmp_path, ZOHO))
    assert connection.url == "https://www.zohoapis.com"
    assert connection.tables[0].fields == ("id", "Modified_Time", "Last_Name")


@pytest.mark.parametrize(
    ("text", "was", "now", "message"),
    [
        (DATABASE, "kind: database", "kind: oracle", "crm.yml, line 1, kind: expected one of database, zoho, fxiaoke"),
        (DATABASE, "reader@", "reader:hunter2@", "crm.yml, line 2, url: expected no password in the url"),
        (DATABASE, "/crm", "/crm?password=hunter2", "crm.yml, line 2, url: expected no password in the url"),
        (DATABASE, "{env: CRM_PASSWORD}", "hunter2", "crm.yml, line 3, password: expected {env: VARIABLE}"),
        (DATABASE, "key: id, ", "", "crm.yml, line 5, tables.leads.key: expected the column"),
        (DATABASE, "2d", "2 weeks", "crm.yml, line 5, tables.leads.overlap: expected 30m, 2h, 7d or a number"),
        (DATABASE, "cursor", "curser", "crm.yml, line 5, tables.leads.curser: unknown key"),
        (DATABASE, "  leads", "  ../leads", "crm.yml, line 5, tables.../leads: expected a name of lower-case"),
        (ZOHO, "client_secret: {env: B}\n", "", "crm.yml, line 1, client_secret: expected {env: VARIABLE}"),
        (ZOHO, ", fields: [Last_Name]", "", "crm.yml, line 6, tables.leads.fields: expected a list of fields"),
        (ZOHO, "kind: zoho", "kind: [", "crm.yml, line "),
    ],
)
def test_faults(tmp_path: Path, text: str, was: str, now: str, message: str) -> None:
    assert was in text
    with pytest.raises(MappingError) as raised:
        load_connection(write(tmp_path, text.replace(was, now)))
    assert message in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = load_connection(write(tmp_path, ZOHO))
    monkeypatch.setenv("A", "a")
    with pytest.raises(ConnectError, match=r"crm.yml, line 3, client_secret: .*variable B, found nothing"):
        connection.secret_values()
    monkeypatch.setenv("B", "b")
    token = tmp_path / "token"
    with pytest.raises(ConnectError, match=r"refresh_token: .*cannot be read"):
        connection.secret_values()
    token.write_text("secret\n")
    token.chmod(0o640)
    with pytest.raises(ConnectError, match=r"refresh_token: other accounts can read .*chmod 600"):
        connection.secret_values()
    token.chmod(0o600)
    assert connection.secret_values() == {"client_id": "a", "client_secret": "b", "refresh_token": "secret"}
