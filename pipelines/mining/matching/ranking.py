"""The statements that score listings in the blocks of each customer and keep the best.

Round 1 compares the block with the best upper bound, in its price bands with the best upper bound. Round 2 compares all
other bands whose upper bound is not below the tenth score of round 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.mining.match_recall import TOP
from pipelines.mining.matching.blocks import ANY_BAND
from pipelines.mining.matching.fit import BLOCK_FACTORS, value_fits, weighted

NEAR = 25
"""Listings below and above the wanted price that are compared for a customer with viewings."""
EQUAL = 1e-6
"""Scores are rounded to six digits, so that rounding errors do not break ties."""

_LISTING_FITS = value_fits(("listings.area", "listings.area"), ("listings.list_price", "listings.list_price"))
_BAND_FITS = value_fits(("bands.least_area", "bands.most_area"), ("bands.least_price", "bands.most_price"))
_PLACE = "row_number() OVER (PARTITION BY customer ORDER BY score DESC, listing ASC)"


def _bands(weights: Mapping[str, float]) -> str:
    return f"""
    SELECT
        reach.customer, reach.block, bands.band, bands.area_band,
        reach.base + {weighted(_BAND_FITS, weights)} AS upper_score
    FROM reach
    INNER JOIN match_needs AS needs ON reach.customer = needs.customer
    INNER JOIN match_bands AS bands ON reach.block = bands.block AND needs.is_open_price = (bands.band = {ANY_BAND})
"""


def _first_bands(weights: Mapping[str, float]) -> str:
    return f"""
WITH reach AS (SELECT * FROM match_reach WHERE is_first),
bands AS ({_bands(weights)})
SELECT customer, block, band, area_band FROM bands
QUALIFY upper_score >= max(upper_score) OVER (PARTITION BY customer) - {EQUAL}
"""


def _other_bands(weights: Mapping[str, float]) -> str:
    return f"""
WITH reach AS (SELECT * FROM match_other_reach),
bands AS ({_bands(weights)})
SELECT bands.customer, bands.block, bands.band, bands.area_band
FROM bands
LEFT JOIN match_tenth AS tenth ON bands.customer = tenth.customer
LEFT JOIN match_first_bands AS first_bands
    ON bands.customer = first_bands.customer
    AND bands.block = first_bands.block
    AND bands.band = first_bands.band
    AND bands.area_band = first_bands.area_band
WHERE bands.upper_score >= coalesce(tenth.score, 0.0) - {EQUAL} AND bands.upper_score > 0
    AND first_bands.customer IS NULL
"""


_OTHER_REACH = f"""
SELECT reach.*
FROM match_reach AS reach
LEFT JOIN match_tenth AS tenth ON reach.customer = tenth.customer
WHERE reach.upper_score >= coalesce(tenth.score, 0.0) - {EQUAL}
"""


def _pairs(reach: str, bands: str) -> str:
    """Return customer × block × listing: the shelves of the bands, and the listings nearest to the wanted price.

    A listing of both has two rows.
    """
    offsets = ", ".join(f"({number})" for number in range(1 - NEAR, NEAR + 1))
    return f"""
WITH targets AS (
    SELECT
        reach.customer, reach.block,
        least(
            greatest(needs.viewed_price, coalesce(needs.budget_min, needs.viewed_price)),
            coalesce(needs.budget_max, needs.viewed_price)
        ) AS price
    FROM {reach} AS reach
    INNER JOIN match_needs AS needs ON reach.customer = needs.customer
    WHERE needs.viewed_price IS NOT NULL
),
in_order AS (
    SELECT places.block, places.list_price AS price, places.place, NULL AS customer
    FROM match_places AS places
    WHERE places.block IN (SELECT targets.block FROM targets)
    UNION ALL
    SELECT block, price, 0, customer FROM targets
),
below AS (
    SELECT
        customer, block,
        max(place) OVER (
            PARTITION BY block ORDER BY price, place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS place
    FROM in_order
    QUALIFY customer IS NOT NULL
)
SELECT bands.customer, bands.block, shelves.listing
FROM {bands} AS bands
INNER JOIN match_shelves AS shelves
    ON bands.block = shelves.block AND bands.band = shelves.band AND bands.area_band = shelves.area_band
UNION ALL
SELECT below.customer, below.block, places.listing
FROM below
CROSS JOIN (VALUES {offsets}) AS offsets (number)
INNER JOIN match_places AS places ON below.block = places.block AND below.place + offsets.number = places.place
"""


def _scores(weights: Mapping[str, float], pairs: str) -> str:
    """Return the score of each pair, without listings that the customer has viewed."""
    return f"""
SELECT
    pairs.customer, pairs.block, pairs.listing,
    round(reach.base + {weighted(_LISTING_FITS, weights)}, 6) AS score
FROM {pairs} AS pairs
INNER JOIN match_reach AS reach ON pairs.customer = reach.customer AND pairs.block = reach.block
INNER JOIN match_needs AS needs ON pairs.customer = needs.customer
INNER JOIN match_listings AS listings ON pairs.listing = listings.listing
LEFT JOIN match_viewed_listing AS viewed ON pairs.customer = viewed.customer AND pairs.listing = viewed.listing
WHERE viewed.customer IS NULL
"""


def _first_best(weights: Mapping[str, float]) -> str:
    return f"""
WITH scores AS ({_scores(weights, "match_first_pairs")}),
best AS (SELECT * FROM scores WHERE score > 0 QUALIFY {_PLACE} <= {2 * TOP}),
distinct_listings AS (SELECT DISTINCT * FROM best),
placed AS (SELECT *, {_PLACE} AS place FROM distinct_listings)
SELECT * FROM placed WHERE place <= {TOP}
"""


_TENTH = f"SELECT customer, score FROM match_first_best WHERE place = {TOP}"
_VIEWED_LISTING = """
SELECT DISTINCT viewed.customer, listings.listing
FROM match_viewed AS viewed
INNER JOIN match_listings AS listings ON viewed.property_key = listings.property_key
"""


def _best(weights: Mapping[str, float]) -> str:
    """Return the best listings of both rounds. A listing of two blocks counts in the block with the higher score."""
    return f"""
WITH scores AS ({_scores(weights, "match_other_pairs")}),
candidates AS (
    SELECT customer, block, listing, score FROM match_first_best
    UNION ALL
    SELECT scores.customer, scores.block, scores.listing, scores.score
    FROM scores
    LEFT JOIN match_tenth AS tenth ON scores.customer = tenth.customer
    WHERE scores.score > 0 AND scores.score >= coalesce(tenth.score, 0.0)
),
distinct_listings AS (
    SELECT * FROM candidates
    QUALIFY row_number() OVER (PARTITION BY customer, listing ORDER BY score DESC, block ASC) = 1
),
placed AS (SELECT *, {_PLACE} AS place FROM distinct_listings)
SELECT * FROM placed WHERE place <= {TOP}
"""


def _matches() -> str:
    block_factors = ", ".join(f"round(reach.{name}, 6) AS {name}" for name in BLOCK_FACTORS)
    value_factors = ", ".join(f"round({fit}, 6) AS {name}" for name, fit in _LISTING_FITS.items())
    return f"""
SELECT
    needs.customer_key, CAST(best.place AS INTEGER) AS rank, listings.property_key, best.score,
    {block_factors}, {value_factors}
FROM match_best AS best
INNER JOIN match_reach AS reach ON best.customer = reach.customer AND best.block = reach.block
INNER JOIN match_needs AS needs ON best.customer = needs.customer
INNER JOIN match_listings AS listings ON best.listing = listings.listing
"""


def ranking(weights: Mapping[str, float]) -> dict[str, str]:
    """Return the statements by the name of their table, in order. The last has the matches."""
    return {
        "match_viewed_listing": _VIEWED_LISTING,
        "match_first_bands": _first_bands(weights),
        "match_first_reach": "SELECT * FROM match_reach WHERE is_first",
        "match_first_pairs": _pairs("match_first_reach", "match_first_bands"),
        "match_first_best": _first_best(weights),
        "match_tenth": _TENTH,
        "match_other_reach": _OTHER_REACH,
        "match_other_bands": _other_bands(weights),
        "match_other_pairs": _pairs("match_other_reach", "match_other_bands"),
        "match_best": _best(weights),
        "match_matches": _matches(),
    }
