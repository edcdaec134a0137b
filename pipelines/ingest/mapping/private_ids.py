"""The SQL function `private_id` of mappings: ids made from personal data, for rows whose file has no id.

Ids leave the home in the export for the CRM. Names and phones can be guessed, so a hash without a key would reveal the
person behind an id. `private_id` therefore uses the key of the home.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import duckdb

from pipelines.ingest.mapping.source_mapping import EntityMapping, SourceMapping

PERSONAL = ("full_name", "phone", "email", "name")
_HASH = re.compile(r"\b(md5|sha1|sha256|hash)\w*\s*\(", re.IGNORECASE)


def create_private_id(connection: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """Define `private_id(text)` for the expressions of mappings: 16 hexadecimal digits, or null for null.

    The key is a variable, not text of the function, so that no message of DuckDB quotes it. A key before the text is
    safe here although SHA-256 can be extended: the result hides 192 of the 256 bits that an extension needs.
    """
    key = hmac.new(secret, b"tierhouse: private_id", hashlib.sha256).hexdigest()
    connection.execute("SET VARIABLE tierhouse_private_id = ?", [key])
    connection.execute("CREATE MACRO private_id(text) AS left(sha256(getvariable('tierhouse_private_id') || text), 16)")


def guessable_ids(mapping: SourceMapping) -> list[str]:
    """Return a note for each id that is a hash, without a key, of columns with personal data."""
    notes = []
    for entity in (entity for file in mapping.files for entity in file.entities):
        read = {column for name in PERSONAL if (field := entity.field(name)) for column in field.reads}
        for field in entity.fields:
            if field.name.endswith("_id") and field.expr and _HASH.search(field.expr) and field.reads & read:
                notes.append(_note(mapping, entity, field.name))
    return notes


def _note(mapping: SourceMapping, entity: EntityMapping, field: str) -> str:
    return (
        f"{mapping.mapping_file.name}, {entity.name}.{field}: a hash without a key: anybody with an id can guess the "
        "name and phone behind it; write private_id(…) instead, in a new home, because the ids change"
    )
