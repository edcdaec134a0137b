"""Ids of rows that have none in their file: made of what a line says of a person, under the key of the home.

Ids leave the home, in the export for the CRM. Names and phones can be guessed, so a hash without a key would give away
whose id it is.
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
    """Give expressions of mappings the function `private_id(text)`: 16 hexadecimal digits, null of null.

    The key is a variable, not text of the function, so no message of DuckDB quotes it. A prefix does for a key here:
    nobody sees the 192 bits that an extension of the hash would need.
    """
    key = hmac.new(secret, b"tierhouse: private_id", hashlib.sha256).hexdigest()
    connection.execute("SET VARIABLE tierhouse_private_id = ?", [key])
    connection.execute("CREATE MACRO private_id(text) AS left(sha256(getvariable('tierhouse_private_id') || text), 16)")


def guessable_ids(mapping: SourceMapping) -> list[str]:
    """A note for each id that is a hash without key of columns which say who a person is."""
    notes = []
    for entity in (one for file in mapping.files for one in file.entities):
        read = {column for name in PERSONAL if (field := entity.field(name)) for column in field.reads}
        for field in entity.fields:
            if field.name.endswith("_id") and field.expr and _HASH.search(field.expr) and field.reads & read:
                notes.append(_note(mapping, entity, field.name))
    return notes


def _note(mapping: SourceMapping, entity: EntityMapping, field: str) -> str:
    return (
        f"{mapping.mapping_file.name}, {entity.name}.{field}: a hash without a key, so whoever has an id can guess the "
        "name and phone behind it; write private_id(…) instead, in a new home: the ids change"
    )
