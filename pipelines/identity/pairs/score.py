"""The probability that two records are one person, by Splink: a Fellegi-Sunter model with stored weights.

`weights.json` is a Splink model. `python -m benchmarks.identity train` makes it from worlds of the demo that judge
nothing. It never changes by itself: a model that learned from each day would change the customers of past days.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect_in_memory
from pipelines.identity.pairs.candidates import COUNTED, PER, PLACE, SHARES, SIZES, USUAL

WEIGHTS = Path(__file__).with_name("weights.json")
THRESHOLD = 0.7
"""Probability from which a scored pair is linked."""

UNDECIDED = """
    SELECT pair, version_a, version_b, by_phone, by_email
    FROM candidates
    WHERE (names = 'similar' AND (by_phone OR by_email)) OR (names = 'same' AND NOT by_phone AND NOT by_email)
"""
"""Pairs that no exact rule decides: a shared contact with a similar name, or the same name without a contact."""

TRAITS = f"""
    SELECT
        versions.version,
        versions.name,
        versions.agent,
        {PLACE} AS place,
        versions.project IS NOT NULL AS is_project,
        versions.wish,
        versions.area,
        versions.budget,
        versions.created_at,
        versions.phone IS NOT NULL AS has_phone,
        versions.email IS NOT NULL AS has_email,
        sizes.size,
        {", ".join(f"{kind}_records.records AS {kind}_records" for kind in COUNTED)}
    FROM versions
    JOIN (SELECT version_a AS version FROM undecided UNION SELECT version_b FROM undecided) AS chosen
        ON versions.version = chosen.version
    JOIN sizes ON versions.record = sizes.record
    {
    " ".join(
        f"LEFT JOIN frequencies AS {kind}_records ON {kind}_records.kind = '{kind}' "
        f"AND {kind}_records.value = {value} AND {kind}_records.record = versions.record"
        for kind, value in COUNTED.items()
    )
}
"""
"""What is compared, by version."""

_SHARE = (
    "least(1.0, (greatest(one.{kind}_records, other.{kind}_records) + {added})"
    " / (greatest(one.size, other.size) + {usual}))"
)
_FREQUENCIES = ", ".join(
    [
        f"least(1.0, greatest(one.name_records - 1, other.name_records - 1, 1) / {PER}) AS tf_name",
        *(
            _SHARE.format(kind=kind, added=USUAL * share, usual=USUAL) + f" AS tf_{kind}"
            for kind, share in SHARES.items()
        ),
    ]
)
_SIDE = """
    SELECT
        2 * undecided.pair + {side} AS unique_id,
        CASE WHEN undecided.by_phone THEN 0 WHEN {own}.has_phone THEN {side} + 1 END AS phone,
        CASE WHEN undecided.by_email THEN 0 WHEN {own}.has_email THEN {side} + 1 END AS email,
        {own}.name, {own}.agent, {own}.place, {own}.is_project, {own}.wish, {own}.area, {own}.budget, {own}.created_at,
        {frequencies}
    FROM undecided
    JOIN traits AS one ON undecided.version_a = one.version
    JOIN traits AS other ON undecided.version_b = other.version
"""
SIDES = " UNION ALL ".join(
    _SIDE.format(side=side, own=own, frequencies=_FREQUENCIES) for side, own in enumerate(("one", "other"))
)
"""Two rows per pair, as Splink compares them. `phone` and `email` are equal on both sides if the contact is shared.

`tf_<field>`: the share of the records with this value when the pair came into being. For names: the earlier records of
the name, per 10,000.
"""


def write_scores(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the temporary table `scores` (pair, score) of the undecided pairs. Needs what `write_candidates` writes."""
    connection.execute("CREATE OR REPLACE TEMP TABLE scores (pair BIGINT, score DOUBLE)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE undecided AS {UNDECIDED}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE sizes AS {SIZES}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE traits AS {TRAITS}")
    if not connection.execute("SELECT 1 FROM undecided LIMIT 1").fetchall():
        return
    sides = connection.execute(SIDES).to_arrow_table()
    # Names never reach the warehouse: Splink writes tables of what it compares.
    with connect_in_memory(settings) as memory:
        connection.register("incoming", predict(memory, sides))
        connection.execute("INSERT INTO scores SELECT pair, score FROM incoming")
    connection.unregister("incoming")


def predict(memory: duckdb.DuckDBPyConnection, sides: object) -> object:
    """Return pair and score of each two sides, as an Arrow table. `memory`: a connection of its own."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection=memory)
    memory.register("incoming", sides)
    memory.execute("CREATE TABLE sides AS SELECT * FROM incoming")
    memory.execute(
        "CREATE TABLE blocked AS "
        "SELECT unique_id AS join_key_l, unique_id + 1 AS join_key_r, 0 AS match_key FROM sides WHERE unique_id % 2 = 0"
    )
    linker = Linker(api.register("sides"), json.loads(WEIGHTS.read_text()), log_level=None)
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    scored = linker.inference.predict(warning_mode="never")
    return memory.execute(
        f"SELECT unique_id_l // 2 AS pair, round(match_probability, 6) AS score FROM {scored.physical_name}"
    ).to_arrow_table()
