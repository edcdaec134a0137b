"""Pairs of records that are compared, by span of days, and the pairs that an exact rule decides.

Two records are compared if they share a usable phone or e-mail, or a full name with the agent, or a full name with the
project (or district) and the wish. Exact rule: a shared contact links two records whose names agree. A pair that the
rule does not decide is scored (`score.py`); different full names are only scored if they look like a typing error.

Frequencies make a shared value count by how common it is. They are of the time at which the later record of the pair
became known: a pair keeps its score when further records arrive, and a past day knows nothing of later ones.
"""

from __future__ import annotations

from collections.abc import Callable

BLOCK_LIMIT = 20
"""Records of one name at one agent (or with one wish) up to which the name proposes pairs. More are a common name."""
PER = 10_000
"""Frequencies are numbers of records per this many records."""
USUAL = 100
"""Records that are added to smooth a share: the first records of a home say little about shares."""

SIMILAR = (
    "(regexp_matches({a}, '[a-z]') AND jaro_winkler_similarity({a}, {b}) >= 0.92) OR ("
    "length({a}) = length({b}) AND length({a}) IN (3, 4) AND "
    + " + ".join(f"CAST(substr({{a}}, {place}, 1) <> substr({{b}}, {place}, 1) AS INTEGER)" for place in range(1, 5))
    + " = 1)"
)
"""SQL: two names of one script may be one name with a typing error. Latin: by Jaro-Winkler similarity. Han: one of
three or four characters differs; DuckDB's `levenshtein` counts bytes.
"""

PLACE = "coalesce(project, district)"
BLOCKS = {"name_agent": "name || '|' || agent", "name_wish": f"name || '|' || {PLACE} || '|' || wish"}
COUNTED = {"name": "name", "agent": "agent", "place": PLACE, "wish": "wish"}
"""Fields whose shared value counts by the number of records that have it."""
SHARES = {"agent": 0.05, "place": 0.1, "wish": 0.2}
"""Fields that count by their share of all records, with the usual share."""

CONTACT_PAIRS = """
    SELECT
        one.version AS version_a,
        other.version AS version_b,
        greatest(one.first_day, other.first_day) AS first_day,
        least(one.end_day, other.end_day) AS end_day,
        bool_or(one.kind = 'phone') AS by_phone,
        bool_or(one.kind = 'email') AS by_email
    FROM links AS one
    JOIN links AS other ON
        one.kind = other.kind
        AND one.key = other.key
        AND one.record < other.record
        AND one.first_day < other.end_day
        AND other.first_day < one.end_day
    GROUP BY ALL
"""
"""Versions of two records that share a usable contact."""

_FIRST = """
    SELECT '{kind}' AS kind, {value} AS value, record, min(known_at) AS known_at
    FROM histories
    WHERE {value} IS NOT NULL
    GROUP BY ALL
"""
FREQUENCIES = f"""
    SELECT kind, value, record, count(*) OVER (PARTITION BY kind, value ORDER BY known_at) AS records
    FROM ({" UNION ALL ".join(_FIRST.format(kind=kind, value=value) for kind, value in (BLOCKS | COUNTED).items())})
"""
"""Records with the value at the time at which the record first had it, itself included."""
SIZES = """
    SELECT record, count(*) OVER (ORDER BY known_at) AS size
    FROM (SELECT record, min(known_at) AS known_at FROM histories GROUP BY record)
"""
"""Records that were known when the record became known."""

_HOLDERS = """
    SELECT versions.version, versions.record, versions.first_day, versions.end_day, frequencies.kind, frequencies.value
    FROM versions
    JOIN frequencies ON
        frequencies.kind = '{block}'
        AND frequencies.value = {value}
        AND frequencies.record = versions.record
        AND frequencies.records <= {limit}
    WHERE versions.first_day < versions.end_day
"""
HOLDERS = " UNION ALL ".join(
    _HOLDERS.format(block=block, value=value, limit=BLOCK_LIMIT) for block, value in BLOCKS.items()
)
NAME_PAIRS = """
    SELECT DISTINCT
        one.version AS version_a,
        other.version AS version_b,
        greatest(one.first_day, other.first_day) AS first_day,
        least(one.end_day, other.end_day) AS end_day,
        false AS by_phone,
        false AS by_email
    FROM name_holders AS one
    JOIN name_holders AS other ON
        one.kind = other.kind
        AND one.value = other.value
        AND one.record < other.record
        AND one.first_day < other.end_day
        AND other.first_day < one.end_day
    ANTI JOIN contact_pairs ON one.version = contact_pairs.version_a AND other.version = contact_pairs.version_b
"""
"""Versions of two records without a shared contact that share a name and more."""

CANDIDATES = f"""
    WITH pairs AS (
        SELECT
            row_number() OVER () AS pair,
            pairs.*,
            one.record AS record_a,
            other.record AS record_b,
            one.name AS name_a,
            other.name AS name_b,
            one.name_part AS part_a,
            other.name_part AS part_b,
            coalesce(one.name, one.name_part) AS text_a,
            coalesce(other.name, other.name_part) AS text_b
        FROM (SELECT * FROM contact_pairs UNION ALL SELECT * FROM name_pairs) AS pairs
        JOIN versions AS one ON pairs.version_a = one.version
        JOIN versions AS other ON pairs.version_b = other.version
    )

    SELECT
        * EXCLUDE (text_a, text_b),
        CASE
            WHEN name_a = name_b THEN 'same'
            WHEN text_a IS NULL OR text_b IS NULL OR regexp_matches(text_a, '[a-z]') <> regexp_matches(text_b, '[a-z]')
                THEN 'open'
            WHEN name_a IS NULL AND name_b IS NULL THEN CASE WHEN text_a = text_b THEN 'part' ELSE 'different' END
            WHEN name_a IS NULL AND (starts_with(text_b, text_a) OR list_contains(string_split(text_b, ' '), text_a))
                THEN 'part'
            WHEN name_b IS NULL AND (starts_with(text_a, text_b) OR list_contains(string_split(text_a, ' '), text_b))
                THEN 'part'
            WHEN name_a IS NULL OR name_b IS NULL THEN 'different'
            WHEN {SIMILAR.format(a="text_a", b="text_b")} THEN 'similar'
            ELSE 'different'
        END AS names
    FROM pairs
"""


def write_candidates(write: Callable[[str, str], None]) -> None:
    """Write the table `candidates`. Needs `histories`, `versions` and `links`. Grain: pair of versions × span.

    `names`: `same`, `part` (a part of the name agrees), `open` (a name is missing, or two scripts), `similar` or
    `different`.
    """
    write("contact_pairs", CONTACT_PAIRS)
    write("frequencies", FREQUENCIES)
    write("name_holders", HOLDERS)
    write("name_pairs", NAME_PAIRS)
    write("candidates", CANDIDATES)
