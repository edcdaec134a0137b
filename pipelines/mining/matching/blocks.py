"""The statements that prepare a match: customers, listings in blocks, and the blocks of each customer."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.mining.matching.fit import BLOCK_FACTORS, value_fits, weighted

BAND = 0.08
"""Width of a price band in logarithms: a band ends 8 % above its beginning."""
AREA_BAND = 0.15
"""Width of an area band in logarithms. Blocks with a layout have one area band: the layout says the area."""
SHELF = 12
"""Listings of a price band and area band that are compared, in the order of ties."""
OPEN_SHELF = 40
"""The same for a customer without a budget and viewings, in an area band of all prices."""
NO_BAND, ANY_BAND = -1000, -1001

NEEDS = """
WITH viewed AS (
    SELECT customer_key, median(list_price) AS viewed_price FROM match_viewings GROUP BY customer_key
)
SELECT
    row_number() OVER (ORDER BY demand.customer_key) AS customer, demand.customer_key,
    coalesce(demand.demand_type = 'rent', false) AS is_rent, demand.project, demand.district, demand.layout,
    demand.area_min, demand.area_max, demand.budget_min, demand.budget_max, viewed.viewed_price,
    demand.budget_min IS NULL AND demand.budget_max IS NULL AND viewed.viewed_price IS NULL AS is_open_price
FROM match_demand AS demand
LEFT JOIN viewed ON demand.customer_key = viewed.customer_key
"""
LISTINGS = f"""
WITH viewers AS (
    SELECT property_key, count(DISTINCT customer_key) AS viewers FROM match_viewings GROUP BY property_key
)
SELECT
    row_number() OVER (
        ORDER BY coalesce(viewers.viewers, 0) DESC, listings.listed_on DESC NULLS LAST, listings.property_key ASC
    ) AS listing,
    listings.property_key, coalesce(listings.market_use = 'rent', false) AS is_rent, listings.project,
    listings.district, listings.layout, listings.area, listings.list_price,
    CASE WHEN listings.list_price > 0 THEN CAST(floor(ln(listings.list_price) / {BAND}) AS INTEGER) ELSE {NO_BAND} END
        AS band
FROM match_market AS listings
LEFT JOIN viewers ON listings.property_key = viewers.property_key
"""
VIEWED = """
SELECT needs.customer, viewings.property_key, viewings.project, viewings.layout
FROM match_viewings AS viewings
INNER JOIN match_needs AS needs ON viewings.customer_key = needs.customer_key
"""


def _shares(name: str) -> str:
    """Return the share of each project or layout in the viewings of a customer."""
    return f"""
SELECT customer, {name}, viewings / sum(viewings) OVER (PARTITION BY customer) AS share
FROM (
    SELECT customer, {name}, CAST(count(*) AS DOUBLE) AS viewings FROM match_viewed GROUP BY customer, {name}
) AS counts
QUALIFY {name} IS NOT NULL
"""


BLOCKS = """
WITH cells AS (SELECT DISTINCT is_rent, project, district, layout FROM match_listings),
blocks AS (
    SELECT 1 AS kind, is_rent, project, district, layout FROM cells WHERE project IS NOT NULL
    UNION
    SELECT 2, is_rent, NULL, district, layout FROM cells WHERE district IS NOT NULL
    UNION
    SELECT 3, is_rent, NULL, NULL, layout FROM cells WHERE layout IS NOT NULL
    UNION
    SELECT 4, is_rent, NULL, NULL, NULL FROM cells
)
SELECT row_number() OVER (ORDER BY kind, is_rent, project, district, layout) AS block, * FROM blocks
"""
"""Blocks of listings of one market, by kind: 1 project, district and layout; 2 district and layout; 3 layout; 4 all."""
MEMBERS = f"""
WITH cells AS (SELECT DISTINCT is_rent, project, district, layout FROM match_listings),
cell_blocks AS (
    SELECT cells.*, blocks.block, blocks.kind
    FROM cells
    INNER JOIN match_blocks AS blocks
        ON cells.is_rent = blocks.is_rent
        AND (blocks.kind > 1 OR cells.project = blocks.project)
        AND (blocks.kind > 2 OR cells.district IS NOT DISTINCT FROM blocks.district)
        AND (blocks.kind > 3 OR cells.layout IS NOT DISTINCT FROM blocks.layout)
)
SELECT
    cell_blocks.block, listings.listing, listings.band, listings.list_price, listings.area,
    CASE WHEN cell_blocks.kind = 4 AND listings.area > 0 THEN CAST(floor(ln(listings.area) / {AREA_BAND}) AS INTEGER)
        ELSE 0 END AS area_band
FROM match_listings AS listings
INNER JOIN cell_blocks
    ON listings.is_rent = cell_blocks.is_rent
    AND listings.project IS NOT DISTINCT FROM cell_blocks.project
    AND listings.district IS NOT DISTINCT FROM cell_blocks.district
    AND listings.layout IS NOT DISTINCT FROM cell_blocks.layout
"""
_BOUNDS = """
    min(list_price) AS least_price, max(list_price) AS most_price, min(area) AS least_area, max(area) AS most_area
FROM match_members"""
BOUNDS = f"SELECT block, {_BOUNDS} GROUP BY block"
BANDS = f"""
SELECT block, band, area_band, {_BOUNDS} GROUP BY block, band, area_band
UNION ALL
SELECT block, {ANY_BAND} AS band, area_band, {_BOUNDS} GROUP BY block, area_band
"""
"""Price bands and area bands of each block with the bounds of their listings. ANY_BAND has all prices."""
SHELVES = f"""
SELECT block, band, area_band, listing FROM match_members
QUALIFY row_number() OVER (PARTITION BY block, band, area_band ORDER BY listing) <= {SHELF}
UNION ALL
SELECT block, {ANY_BAND} AS band, area_band, listing FROM match_members
QUALIFY row_number() OVER (PARTITION BY block, area_band ORDER BY listing) <= {OPEN_SHELF}
"""
PLACES = """
SELECT block, listing, list_price, row_number() OVER (PARTITION BY block ORDER BY list_price, listing) AS place
FROM match_members
WHERE list_price IS NOT NULL
"""
"""The listings of each block in the order of their prices."""


REACHED = """
WITH projects AS (
    SELECT customer, project FROM match_needs WHERE project IS NOT NULL
    UNION
    SELECT customer, project FROM match_viewed_project
),
layouts AS (
    SELECT customer, layout FROM match_needs WHERE layout IS NOT NULL
    UNION
    SELECT customer, layout FROM match_viewed_layout
),
reached AS (
    SELECT needs.customer, blocks.block
    FROM projects
    INNER JOIN match_needs AS needs ON projects.customer = needs.customer
    INNER JOIN match_blocks AS blocks ON projects.project = blocks.project AND needs.is_rent = blocks.is_rent
    WHERE blocks.kind = 1
    UNION ALL
    SELECT needs.customer, blocks.block
    FROM match_needs AS needs
    INNER JOIN match_blocks AS blocks ON needs.district = blocks.district AND needs.is_rent = blocks.is_rent
    WHERE blocks.kind = 2
    UNION ALL
    SELECT needs.customer, blocks.block
    FROM layouts
    INNER JOIN match_needs AS needs ON layouts.customer = needs.customer
    INNER JOIN match_blocks AS blocks ON layouts.layout = blocks.layout AND needs.is_rent = blocks.is_rent
    WHERE blocks.kind = 3
    UNION ALL
    SELECT needs.customer, blocks.block
    FROM match_needs AS needs
    INNER JOIN match_blocks AS blocks ON needs.is_rent = blocks.is_rent
    WHERE blocks.kind = 4
),
factors AS (
    SELECT
        reached.customer, reached.block,
        CASE WHEN needs.project = blocks.project THEN 1.0 ELSE 0.0 END AS project,
        CASE WHEN needs.district = blocks.district THEN 1.0 ELSE 0.0 END AS district,
        CASE WHEN needs.layout = blocks.layout THEN 1.0 ELSE 0.0 END AS layout,
        coalesce(viewed_project.share, 0.0) AS viewed_project, coalesce(viewed_layout.share, 0.0) AS viewed_layout
    FROM reached
    INNER JOIN match_needs AS needs ON reached.customer = needs.customer
    INNER JOIN match_blocks AS blocks ON reached.block = blocks.block
    LEFT JOIN match_viewed_project AS viewed_project
        ON reached.customer = viewed_project.customer AND blocks.project = viewed_project.project
    LEFT JOIN match_viewed_layout AS viewed_layout
        ON reached.customer = viewed_layout.customer AND blocks.layout = viewed_layout.layout
),
"""
"""Common table expressions; `factors` has the blocks of each customer with the factors that are exact in the block."""


def reach(weights: Mapping[str, float]) -> str:
    """Return the blocks of each customer with an upper bound of the scores in the block, best first.

    A listing of the wanted use is in the block of a kind of the customer, whose factors are exact for the listing.
    """
    fits = value_fits(("bounds.least_area", "bounds.most_area"), ("bounds.least_price", "bounds.most_price"))
    return f"""
{REACHED}bounded AS (
    SELECT factors.*, {weighted({name: f"factors.{name}" for name in BLOCK_FACTORS}, weights)} AS base,
        {weighted(fits, weights)} AS added
    FROM factors
    INNER JOIN match_needs AS needs ON factors.customer = needs.customer
    INNER JOIN match_bounds AS bounds ON factors.block = bounds.block
)
SELECT *, base + added AS upper_score,
    row_number() OVER (PARTITION BY customer ORDER BY base + added DESC, block ASC) = 1 AS is_first
FROM bounded
WHERE base + added > 0
"""


def preparation(weights: Mapping[str, float]) -> dict[str, str]:
    """Return the statements by the name of their table, in order.

    They read `match_demand`, `match_market` and `match_viewings` (columns in `pipelines/mining/matching/match.py`).
    """
    return {
        "match_needs": NEEDS,
        "match_listings": LISTINGS,
        "match_viewed": VIEWED,
        "match_viewed_project": _shares("project"),
        "match_viewed_layout": _shares("layout"),
        "match_blocks": BLOCKS,
        "match_members": MEMBERS,
        "match_bounds": BOUNDS,
        "match_bands": BANDS,
        "match_shelves": SHELVES,
        "match_places": PLACES,
        "match_reach": reach(weights),
    }
