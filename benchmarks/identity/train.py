"""Trains `pipelines/identity/pairs/weights.json` on demo worlds whose seeds judge nothing.

Splink counts how often each field agrees for two records of one person (m) and for two of different persons (u). Two
things are counted here, because random pairs are too few for them: shared contacts of different persons, and the pairs
of one person among all. Both are stated for PER records, as frequencies are.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb

from benchmarks.identity.worlds import staged, worlds
from pipelines.home.settings import Settings
from pipelines.identity.pairs.candidates import PER, PLACE
from pipelines.identity.pairs.score import WEIGHTS
from pipelines.identity.texts import write_stated

SEEDS = (101, 102, 103)
"""Seeds of training. The benchmark judges seeds 1 to 5."""
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


def train() -> dict[str, Any]:
    """Train the model and write the file of the weights. Returns the model."""
    from splink import DuckDBAPI, Linker  # noqa: PLC0415 - slow to load

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
    shared = {
        field: 2 * (1 + count(SHARING.format(field=field, sign="<>"))) / size / PER for field in ("phone", "email")
    }
    model = _definition(2 * same / size / PER, shared)
    linker = Linker(DuckDBAPI(connection=connection).register("people"), model, log_level=None)
    linker.training.estimate_u_using_random_sampling(RANDOM_PAIRS, seed=1, min_count_per_level=None, num_chunks=1)
    linker.training.estimate_m_from_label_column("person")
    trained = _rounded(linker.misc.save_model_to_json())
    trained.pop("linker_uid", None)
    for comparison in trained["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"] = max(level.get("m_probability", 0), RAREST)
    WEIGHTS.write_text(json.dumps(trained, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return trained


def _people(name: str, seed: int, world: Any) -> Any:
    with staged(world) as connection:
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
        "levenshtein(name_l, name_r) = 1 OR jaro_winkler_similarity(name_l, name_r) >= 0.92",
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
