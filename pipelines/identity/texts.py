"""Reads the phones and e-mails of all versions. Each distinct text is read once.

SQL reads the plain texts, which are nearly all: a mobile number of China or one e-mail address, in ASCII. It finds the
same keys as `read_phone` and `read_email`, which read the others.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.identity.contacts import Placeholders
from pipelines.identity.emails import read_email
from pipelines.identity.phones import read_phone

CHUNK = 50_000
"""Texts that Python reads at once."""
CONTACTS = pa.schema(
    [("kind", pa.string()), ("text", pa.string()), ("place", pa.int64()), ("key", pa.string()), ("reason", pa.string())]
)
"""Result of the texts that Python reads: a row per key and per reason; a text without both has one row.

`place`: 0 for the first row of a text.
"""

_MOBILE = r"((\+|00)?86|\(\+86\))?[ -]*1[3-9][0-9][ -]*[0-9]{4}[ -]*[0-9]{4}"
_ADDRESS = r"([a-zA-Z][a-zA-Z0-9_+-]*(\.[a-zA-Z0-9_+-]+)*)@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]*[a-zA-Z0-9])+"
_DIGITS = "right(regexp_replace(phone, '[^0-9]', '', 'g'), 11)"
PLAIN_PHONE = f"""
    CASE
        WHEN regexp_full_match(phone, '{_MOBILE}')
            AND right({_DIGITS}, 8) <> repeat(right({_DIGITS}, 1), 8)
            AND {_DIGITS} NOT IN (SELECT text FROM rules.placeholder_contacts WHERE kind = 'phone')
        THEN '+86' || {_DIGITS}
    END
"""
"""Key of a mobile number of China, written plainly; null for other texts."""
PLAIN_EMAIL = f"""
    CASE
        WHEN regexp_full_match(email, '{_ADDRESS}')
            AND lower(email) NOT IN (SELECT text FROM rules.placeholder_contacts WHERE kind IN ('email', 'word'))
            AND lower(split_part(email, '@', 1))
            NOT IN (SELECT text FROM rules.placeholder_contacts WHERE kind = 'email_name')
        THEN lower(email)
    END
"""
"""Key of an e-mail address, written plainly; null for other texts."""


def write_stated(connection: duckdb.DuckDBPyConnection, phone_region: str) -> None:
    """Write the temporary table `stated`: the contacts that the versions state.

    version, record, first_day, end_day and eve, kind (phone or email), place (0 for the first row of a text), and
    a key, or the reason why a part of the text has no key, or neither. Needs `versions` and the rules.
    """
    # Outside China, digits alone do not show which numbers are mobile numbers.
    plain = {"phone": PLAIN_PHONE if phone_region == "CN" else "CAST(NULL AS VARCHAR)", "email": PLAIN_EMAIL}
    version = "version, record, first_day, end_day, eve"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE texts AS "
        + " UNION ALL ".join(
            f"SELECT {version}, '{kind}' AS kind, {kind} AS text, {key} AS key FROM versions WHERE {kind} IS NOT NULL"
            for kind, key in plain.items()
        )
    )
    _write_contacts(connection, phone_region)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE stated AS
        SELECT {version}, kind, 0 AS place, key, CAST(NULL AS VARCHAR) AS reason FROM texts WHERE key IS NOT NULL
        UNION ALL
        SELECT {version}, texts.kind, contacts.place, contacts.key, contacts.reason
        FROM texts
        JOIN contacts ON texts.kind = contacts.kind AND texts.text = contacts.text
        WHERE texts.key IS NULL
    """)
    connection.execute("DROP TABLE texts")
    connection.execute("DROP TABLE contacts")


def _write_contacts(connection: duckdb.DuckDBPyConnection, phone_region: str) -> None:
    """Write the temporary table `contacts` of the texts that are not plain."""
    placeholders = Placeholders.of(connection.execute("SELECT kind, text FROM rules.placeholder_contacts").fetchall())
    texts = connection.execute("SELECT DISTINCT kind, text FROM texts WHERE key IS NULL").to_arrow_table()
    connection.register("incoming", CONTACTS.empty_table())
    connection.execute("CREATE OR REPLACE TEMP TABLE contacts AS SELECT * FROM incoming")
    for batch in texts.to_batches(CHUNK):
        rows = [
            dict(zip(CONTACTS.names, row, strict=True))
            for kind, text in zip(batch["kind"].to_pylist(), batch["text"].to_pylist(), strict=True)
            for row in _rows(kind, text, phone_region, placeholders)
        ]
        connection.register("incoming", pa.Table.from_pylist(rows, CONTACTS))
        connection.execute("INSERT INTO contacts SELECT * FROM incoming")
    connection.unregister("incoming")


def _rows(kind: str, text: str, phone_region: str, placeholders: Placeholders) -> list[tuple]:
    if not text.strip():
        return []
    contact = read_phone(text, phone_region, placeholders) if kind == "phone" else read_email(text, placeholders)
    parts = [(key, None) for key in sorted(contact.keys)] + [(None, reason) for reason in sorted(contact.reasons)]
    return [(kind, text, place, *part) for place, part in enumerate(parts or [(None, None)])]
