"""The pairs of records that are linked, with rule, evidence and score, and the pairs that must stay apart."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.identity.pairs.overrides import LINK, SEPARATE
from pipelines.identity.pairs.score import THRESHOLD

EXACT, SCORE, DECISION = "exact", "score", "decision"
RULES = (EXACT, SCORE, DECISION)

LINKED = f"""
    SELECT
        record_a, record_b, first_day, end_day, by_phone, by_email, name_a, name_b, part_a, part_b,
        '{EXACT}' AS rule,
        CAST(1 AS DOUBLE) AS score,
        concat_ws(
            '+', CASE WHEN by_phone THEN 'phone' END, CASE WHEN by_email THEN 'email' END,
            CASE names WHEN 'same' THEN 'name' WHEN 'part' THEN 'part_of_name' END
        ) AS evidence,
        CASE names WHEN 'same' THEN 1 WHEN 'part' THEN 3 ELSE 4 END AS place
    FROM candidates
    WHERE (by_phone OR by_email) AND names IN ('same', 'part', 'open')
    UNION ALL
    SELECT
        candidates.record_a, candidates.record_b, candidates.first_day, candidates.end_day, candidates.by_phone,
        candidates.by_email, candidates.name_a, candidates.name_b, candidates.part_a, candidates.part_b,
        '{SCORE}',
        scores.score,
        concat_ws(
            '+', CASE WHEN candidates.by_phone THEN 'phone' END, CASE WHEN candidates.by_email THEN 'email' END,
            CASE WHEN candidates.names = 'same' THEN 'name' ELSE 'similar_name' END,
            CASE WHEN one.agent = other.agent THEN 'agent' END,
            CASE WHEN one.place = other.place THEN 'place' END,
            CASE WHEN one.wish = other.wish THEN 'wish' END
        ),
        2
    FROM scores
    JOIN candidates ON scores.pair = candidates.pair
    JOIN traits AS one ON candidates.version_a = one.version
    JOIN traits AS other ON candidates.version_b = other.version
    WHERE scores.score >= {THRESHOLD}
    UNION ALL
    SELECT
        decided.record_a, decided.record_b,
        greatest(decided.first_day, one.first_day, other.first_day) AS first_day,
        least(decided.end_day, one.end_day, other.end_day) AS end_day,
        false, false, one.name, other.name, one.name_part, other.name_part, '{DECISION}', 1, 'decision', 0
    FROM decided
    JOIN versions AS one ON decided.record_a = one.record
    JOIN versions AS other ON decided.record_b = other.record
    WHERE
        decided.decision = '{LINK}'
        AND greatest(decided.first_day, one.first_day, other.first_day)
        < least(decided.end_day, one.end_day, other.end_day)
"""
"""Linked pairs by span of days. `place`: the order in which links are made where some of them exclude each other."""


def write_linked(write: Callable[[str, str], None]) -> None:
    """Write the tables `linked` and `separated`. Needs `candidates`, `scores`, `traits`, `decided` and `versions`."""
    write("linked", f"SELECT row_number() OVER () AS link, * FROM ({LINKED})")
    write(
        "separated",
        f"SELECT record_a, record_b, first_day, end_day FROM decided WHERE decision = '{SEPARATE}'",
    )
