"""Trains `pipelines/identity/pairs/weights.json` on demo worlds whose seeds judge nothing.

Splink counts how often each field agrees for two records of one person (m) and for two of different persons (u). Three
things are counted here:

- shared contacts of different persons, and the pairs of one person, because random pairs are too few for them. Both are
  stated for a record and PER earlier ones, as frequencies are;
- u of area and budget, among pairs that agree in the fields on which these depend. A project and an area almost fix the
  budget: the model would else count one agreement twice.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

from benchmarks.identity.worlds import CONTACTS, staged, worlds
from pipelines.home.settings import Settings
from pipelines.identity.known import write_versions
from pipelines.identity.pairs.candidates import PER, PLACE, SIMILAR
from pipelines.identity.pairs.score import WEIGHTS
from pipelines.identity.texts import write_stated

SEEDS = (101, 102, 103)
"""Seeds of training. The benchmark judges others."""
LEADS = 8000
RANDOM_PAIRS = 2e7
SIMILAR_M = 0.01
"""Share of the records of a person with a typing error in the name, by estimate: the demo has no such errors."""
SIMILAR_U = 0.02
"""Share of similar names of two persons with one phone, by estimate: brothers and sisters share a character."""
RAREST = 0.01
"""Share of a level that no training pair of one person has: real people do what the demo's people never do."""
DIGITS = 6

RECORDS = f"""
    WITH keys AS (
        SELECT record, kind, min(key) AS key
        FROM (SELECT *, count(*) OVER (PARTITION BY kind, key) AS holders FROM stated WHERE key IS NOT NULL)
        WHERE holders <= $limit
        GROUP BY ALL
    )

    SELECT
        $world || records.record_key AS unique_id,
        $world || persons.person_id AS person,
        $world || phones.key AS phone,
        $world || emails.key AS email,
        histories.name,
        $world || histories.agent AS agent,
        {PLACE} AS place,
        histories.project IS NOT NULL AS is_project,
        histories.wish,
        histories.area,
        histories.budget,
        histories.created_at
    FROM histories
    JOIN records ON histories.record = records.record
    JOIN persons ON records.record_key = persons.lead_id
    LEFT JOIN keys AS phones ON histories.record = phones.record AND phones.kind = 'phone'
    LEFT JOIN keys AS emails ON histories.record = emails.record AND emails.kind = 'email'
"""
SHARING = """
    SELECT count(*) FROM people AS one JOIN people AS other
    ON one.{field} = other.{field} AND one.unique_id < other.unique_id AND one.person {sign} other.person
"""
DEPENDENT = {
    "area": "one.place = other.place AND one.wish = other.wish",
    "budget": "one.place = other.place AND one.wish = other.wish AND abs(ln(one.area / other.area)) <= 0.1",
}
"""Pairs of different persons among which u of a field is counted."""
LEVELS = """
    SELECT {level} AS level, count(*) AS pairs
    FROM (
        SELECT one.{field} AS {field}_l, other.{field} AS {field}_r
        FROM people AS one
        JOIN people AS other ON {given} AND one.unique_id < other.unique_id AND one.person <> other.person
    )
    GROUP BY ALL
"""


def train() -> dict[str, Any]:
    """Train the model and write the file of the weights. Returns the model."""
    from splink import DuckDBAPI, Linker

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET enable_progress_bar = false")
    parts = [_people(name, seed, world) for seed in SEEDS for name, world in worlds(seed, LEADS)]
    for number, part in enumerate(parts):
        connection.register("incoming", part)
        action = "INSERT INTO people" if number else "CREATE TABLE people AS"
        connection.execute(f"{action} SELECT * FROM incoming")

    def count(query: str) -> int:
        return connection.execute(query).fetchall()[0][0]

    size = count("SELECT count(*) FROM people")
    same = count(SHARING.format(field="person", sign="="))
    # Plus one: the demo has no e-mail of two persons, real families have.
    shared = {field: (1 + count(SHARING.format(field=field, sign="<>"))) / size / PER for field in ("phone", "email")}
    model = _definition(same / size / PER, shared)
    linker = Linker(DuckDBAPI(connection=connection).register("people"), model, log_level=None)
    linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=1, min_count_per_level=None, num_chunks=1)
    linker.training.estimate_m_from_label_column("person")
    trained = _rounded(linker.misc.save_model_to_json())
    trained.pop("linker_uid", None)
    _count_dependent(connection, trained)
    for comparison in trained["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"] = max(level.get("m_probability", 0), RAREST)
    WEIGHTS.write_text(json.dumps(trained, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return trained


def _count_dependent(connection: duckdb.DuckDBPyConnection, model: dict[str, Any]) -> None:
    """Replace u of the fields of DEPENDENT."""
    for comparison in model["comparisons"]:
        field = comparison["output_column_name"]
        if field not in DEPENDENT:
            continue
        *levels, rest = comparison["comparison_levels"]
        cases = " ".join(f"WHEN {level['sql_condition']} THEN {place}" for place, level in enumerate(levels))
        query = LEVELS.format(level=f"CASE {cases} ELSE {len(levels)} END", field=field, given=DEPENDENT[field])
        found = dict(connection.execute(query).fetchall())
        known = sum(pairs for place, pairs in found.items() if place)
        for place, level in enumerate([*levels, rest]):
            if place:
                level["u_probability"] = float(f"{found.get(place, 0) / known:.{DIGITS}g}")


def _people(name: str, seed: int, world: Any) -> Any:
    with staged(world) as connection:
        last_day = connection.execute("SELECT CAST(max(known_at) AS DATE) FROM staging.stg_landing__leads").fetchall()
        write_versions(connection, last_day[0], CONTACTS)
        write_stated(connection, "CN")
        return connection.execute(
            RECORDS, {"world": f"{name}-{seed}-", "limit": Settings.model_fields["shared_key_limit"].default}
        ).to_arrow_table()


def _definition(matching: float, shared: dict[str, float]) -> dict[str, Any]:
    def level(condition: str, **more: Any) -> dict[str, Any]:
        return {"sql_condition": condition, "label_for_charts": condition} | more

    def equal(field: str, *levels: dict[str, Any], null: str = "", **more: Any) -> dict[str, Any]:
        missing = level(f"{field}_l IS NULL OR {field}_r IS NULL{null}", is_null_level=True)
        others = level("ELSE")
        return {
            "output_column_name": field,
            "comparison_levels": [missing, level(f"{field}_l = {field}_r", **more), *levels, others],
        }

    def counted(field: str, *levels: dict[str, Any], null: str = "") -> dict[str, Any]:
        return equal(field, *levels, null=null, tf_adjustment_column=field, tf_adjustment_weight=1.0)

    def near(field: str, gap: str, *limits: str) -> dict[str, Any]:
        return {
            "output_column_name": field,
            "comparison_levels": [
                level(f"{field}_l IS NULL OR {field}_r IS NULL", is_null_level=True),
                *(level(f"{gap} <= {limit}") for limit in limits),
                level("ELSE"),
            ],
        }

    ratio = "abs(ln(nullif({0}_l, 0) / nullif({0}_r, 0)))"
    fixed = {"fix_u_probability": True}
    similar = level(
        SIMILAR.format(a="name_l", b="name_r"),
        m_probability=SIMILAR_M, u_probability=SIMILAR_U, fix_m_probability=True, fix_u_probability=True,
    )  # fmt: skip
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": matching,
        "blocking_rules_to_generate_predictions": ["l.name = r.name"],
        "comparisons": [
            counted("name", similar),
            equal("phone", u_probability=shared["phone"], **fixed),
            equal("email", u_probability=shared["email"], **fixed),
            counted("agent"),
            counted("place", null=" OR is_project_l <> is_project_r"),
            counted("wish"),
            near("area", ratio.format("area"), "0.1"),
            near("budget", ratio.format("budget"), "0.15", "0.3"),
            near("created_at", "abs(date_diff('day', created_at_l, created_at_r))", "90", "365"),
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
