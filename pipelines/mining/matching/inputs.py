"""Queries of the inputs of a match for one day, from core tables, and of the recall on held-back viewings."""

from __future__ import annotations

from datetime import date, timedelta

from models.mining.match_recall import TOP

HELD_BACK_DAYS = 28
POPULAR_DAYS = 90
MOST_JUDGED = 10_000
"""Customers who are judged; of more, those with the first digests of their keys."""

_DEMAND = """
SELECT
    demand.customer_key, demand.demand_type, demand.asked_project AS project, demand.asked_district AS district,
    demand.asked_layout AS layout, demand.area_min, demand.area_max, demand.budget_min, demand.budget_max
FROM core.customer_demand AS demand
"""
"""Unmasked texts: they are compared with listings and not shown."""


def market(day: date) -> str:
    """Return the listings on the market."""
    return f"SELECT * FROM core.listings WHERE as_of = DATE '{day}' AND is_on_market"


def demand(day: date) -> str:
    """Return the demand of open customers who have not opted out."""
    return f"""{_DEMAND}
LEFT JOIN intermediate.int_opt_outs__by_customer_as_of AS opt_outs
    ON demand.as_of = opt_outs.as_of AND demand.customer_key = opt_outs.customer_key
WHERE demand.as_of = DATE '{day}' AND demand.is_open_lead AND opt_outs.heeded_on IS NULL"""


def viewings(day: date) -> str:
    """Return the viewings of known listings with project, layout and price of the listing."""
    return f"""
SELECT
    viewings.customer_key, viewings.property_key, viewings.viewed_on, listings.project, listings.layout,
    listings.list_price
FROM core.listing_viewings AS viewings
INNER JOIN core.listings AS listings
    ON viewings.as_of = listings.as_of AND viewings.property_key = listings.property_key
WHERE viewings.as_of = DATE '{day}'"""


def earlier_market(day: date) -> str:
    """Return the listings on the market before the held-back days."""
    cutoff = day - timedelta(days=HELD_BACK_DAYS)
    return f"""
SELECT * FROM core.listings
WHERE as_of = DATE '{day}' AND listed_on <= DATE '{cutoff}'
    AND (delisted_on IS NULL OR delisted_on > DATE '{cutoff}')"""


def earlier_viewings(day: date) -> str:
    """Return the viewings before the held-back days."""
    return f"{viewings(day)} AND viewings.viewed_on <= DATE '{day - timedelta(days=HELD_BACK_DAYS)}'"


def held_back(day: date) -> str:
    """Return first viewings of the held-back days, of listings on the market before them: customer × listing.

    The demand of the customers is older: newer wishes would reveal the viewings.
    """
    cutoff = day - timedelta(days=HELD_BACK_DAYS)
    return f"""
WITH viewings AS ({viewings(day)}),
market AS ({earlier_market(day)}),
first_viewings AS (
    SELECT viewings.customer_key, viewings.property_key
    FROM viewings
    INNER JOIN market ON viewings.property_key = market.property_key
    INNER JOIN core.customer_demand AS demand ON viewings.customer_key = demand.customer_key
    WHERE demand.as_of = DATE '{day}' AND demand.last_known_on <= DATE '{cutoff}'
    GROUP BY viewings.customer_key, viewings.property_key
    HAVING min(viewings.viewed_on) > DATE '{cutoff}'
)
SELECT * FROM first_viewings
QUALIFY dense_rank() OVER (ORDER BY md5(customer_key), customer_key) <= {MOST_JUDGED}"""


def judged_demand(day: date) -> str:
    """Return the demand of the customers of `match_held_back`."""
    return f"""{_DEMAND}
WHERE demand.as_of = DATE '{day}'
    AND demand.customer_key IN (SELECT held_back.customer_key FROM match_held_back AS held_back)"""


def hits(day: date) -> str:
    """Return per judged customer the viewed listings, and how many of them are matched, and popular.

    Popular are the TOP listings of the wanted use with the most viewings in the POPULAR_DAYS before the held-back days.
    """
    begin = day - timedelta(days=HELD_BACK_DAYS + POPULAR_DAYS)
    return f"""
WITH market AS ({earlier_market(day)}),
viewings AS ({earlier_viewings(day)}),
counts AS (
    SELECT property_key, count(*) AS viewings FROM viewings WHERE viewed_on > DATE '{begin}' GROUP BY property_key
),
popular AS (
    SELECT market.property_key, coalesce(market.market_use = 'rent', false) AS is_rent
    FROM market
    LEFT JOIN counts ON market.property_key = counts.property_key
    QUALIFY row_number() OVER (
        PARTITION BY coalesce(market.market_use = 'rent', false)
        ORDER BY coalesce(counts.viewings, 0) DESC, market.property_key ASC
    ) <= {TOP}
)
SELECT
    held_back.customer_key, count(*) AS listings, count(matches.property_key) AS matched,
    count(popular.property_key) AS popular
FROM match_held_back AS held_back
INNER JOIN core.customer_demand AS demand ON held_back.customer_key = demand.customer_key
LEFT JOIN match_matches AS matches
    ON held_back.customer_key = matches.customer_key AND held_back.property_key = matches.property_key
LEFT JOIN popular
    ON held_back.property_key = popular.property_key
    AND popular.is_rent = coalesce(demand.demand_type = 'rent', false)
WHERE demand.as_of = DATE '{day}'
GROUP BY held_back.customer_key
ORDER BY held_back.customer_key"""
