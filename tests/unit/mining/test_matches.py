"""Listing matches: the best fit comes first with its reasons; a listing without a fit is not recommended."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.mining.match_recall import TOP
from pipelines.mining.matching.fit import FACTORS
from pipelines.mining.matching.match import MATCHES, match
from pipelines.mining.matching.step import match_listings
from pipelines.mining.matching.words import pattern, wordings

WEIGHTS = {
    "project": 3, "district": 2, "layout": 1.5, "area": 1, "budget": 1.5,
    "viewed_project": 2, "viewed_layout": 1, "viewed_price": 0.5,
}  # fmt: skip
LABELS = {name: (name.replace("_", " "), f"符合{name}") for name in FACTORS}
DAY = pd.Timestamp("2026-06-30")
VIEWED = ["customer_key", "property_key", "viewed_on", "project", "layout", "list_price"]


def wish(key: str = "c1", **changes: object) -> dict[str, object]:
    return {
        "customer_key": key, "demand_type": "buy", "project": "云栖雅苑", "district": "浦东新区", "layout": "两室",
        "area_min": 80.0, "area_max": 100.0, "budget_min": 4e6, "budget_max": 5e6,
    } | changes  # fmt: skip


def listing(key: str, **changes: object) -> dict[str, object]:
    return {
        "property_key": key, "market_use": "sale", "project": "云栖雅苑", "district": "浦东新区", "layout": "两室",
        "area": 90.0, "list_price": 4.5e6, "listed_on": pd.Timestamp("2026-01-01"), "delisted_on": pd.NaT,
    } | changes  # fmt: skip


def viewing(customer: str, key: str, on: str = "2026-06-01", **changes: object) -> dict[str, object]:
    shown = listing(key, **changes)
    return {"customer_key": customer, "viewed_on": pd.Timestamp(on), **{name: shown[name] for name in VIEWED[3:]},
            "property_key": key}  # fmt: skip


TYPES = {
    "demand": "customer_key VARCHAR, demand_type VARCHAR, project VARCHAR, district VARCHAR, layout VARCHAR, "
    "area_min DOUBLE, area_max DOUBLE, budget_min DOUBLE, budget_max DOUBLE",
    "market": "property_key VARCHAR, market_use VARCHAR, project VARCHAR, district VARCHAR, layout VARCHAR, "
    "area DOUBLE, list_price DOUBLE, listed_on DATE, delisted_on DATE",
    "viewings": "customer_key VARCHAR, property_key VARCHAR, viewed_on DATE, project VARCHAR, layout VARCHAR, "
    "list_price DOUBLE",
}  # fmt: skip


def given(wishes: list, listings: list, viewings: list = (), weights: dict = WEIGHTS) -> pd.DataFrame:
    with duckdb.connect() as connection:
        for (name, columns), rows in zip(TYPES.items(), (wishes, listings, viewings), strict=True):
            connection.execute(f"CREATE TABLE {name} ({columns})")
            if rows:
                frame = pd.DataFrame(rows).astype(object)  # noqa: F841 - DuckDB reads it by name
                connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM frame")
        match(connection, "FROM demand", "FROM market", "FROM viewings", weights)
        connection.register("wordings", wordings(weights, LABELS))
        return connection.execute(
            f"SELECT matches.*, why_en, why_zh FROM {MATCHES} AS matches "
            f"JOIN wordings ON {pattern(weights)} = code ORDER BY customer_key, rank"
        ).df()


def test_a_better_fit_ranks_higher():
    found = given(
        [wish()],
        [
            listing("elsewhere", project="x", district="y"), listing("fits"), listing("dear", list_price=9e6),
            listing("district", project="x"), listing("rather_dear", list_price=5.5e6),
        ],
    )  # fmt: skip
    assert found["property_key"].tolist() == ["fits", "rather_dear", "dear", "district", "elsewhere"]
    assert found["rank"].tolist() == [1, 2, 3, 4, 5]
    assert found["score"].is_monotonic_decreasing
    assert found["score"].between(0, 1).all()
    assert found.set_index("property_key").loc["rather_dear", "budget"] == pytest.approx(0.5)


def test_renters_get_listings_to_let_and_others_listings_for_sale():
    found = given(
        [wish("rents", demand_type="rent"), wish("buys"), wish("unknown", demand_type=None)],
        [listing("sold"), listing("let", market_use="rent")],
    )
    assert dict(zip(found["customer_key"], found["property_key"], strict=True)) == {
        "buys": "sold", "rents": "let", "unknown": "sold",
    }  # fmt: skip


def test_viewed_listings_are_not_recommended_but_count_as_preferences():
    unsaid = dict.fromkeys(["project", "district", "layout", "area_min", "area_max", "budget_min", "budget_max"])
    listings = [listing("seen"), listing("like_it"), listing("unlike", project="x", layout="一室", list_price=9e6)]
    found = given([wish(**unsaid)], listings, [viewing("c1", "seen")])
    assert found["property_key"].tolist() == ["like_it"]
    assert given([wish(**unsaid)], listings).empty


def test_at_most_ten_are_recommended_and_ties_go_by_viewers_date_and_key():
    listings = [listing(f"h{number:02d}") for number in range(14)]
    listings[13]["listed_on"] = pd.Timestamp("2026-05-01")
    found = given([wish()], listings, [viewing("other", "h12"), viewing("other", "h05"), viewing("third", "h05")])
    assert len(found) == TOP
    assert found["property_key"].tolist()[:4] == ["h05", "h12", "h13", "h00"]


def test_the_order_of_rows_changes_nothing():
    wishes = [wish(f"c{number}", budget_max=4e6 + number * 1e5) for number in range(20)]
    listings = [listing(f"h{number}", list_price=4e6 + number * 7e4, area=70 + number) for number in range(30)]
    viewings = [viewing(f"c{number % 20}", f"h{number % 7}") for number in range(40)]
    one = given(wishes, listings, viewings)
    pd.testing.assert_frame_equal(given(wishes[::-1], listings[::-1], viewings[::-1]), one)
    alone = given([wishes[3]], listings, viewings)
    pd.testing.assert_frame_equal(alone, one[one["customer_key"].eq("c3")].reset_index(drop=True))


def test_unknown_wishes_and_listings_are_no_exception():
    nothing = wish(**dict.fromkeys(wish(), None) | {"customer_key": "c1"})
    assert given([nothing], [listing("h")]).empty
    bare = listing("h", project=None, district=None, layout=None, area=None, list_price=None)
    assert given([wish()], [bare]).empty
    assert given([wish(budget_min=0.0, budget_max=0.0)], [listing("h")])["budget"].eq(0).all()
    assert given([wish()], [listing("let", market_use="rent")]).empty


def test_a_weight_of_zero_removes_a_factor():
    only_layout = dict.fromkeys(FACTORS, 0.0) | {"layout": 1.0}
    found = given([wish()], [listing("fits"), listing("other", layout="一室")], weights=only_layout)
    assert found["property_key"].tolist() == ["fits"]


def _fit(low: float | None, high: float | None, value: float, beyond: float) -> float:
    over = max(value / high - 1, 0) / beyond if high is not None else 0.0
    under = max(1 - value / low, 0) / beyond if low is not None else 0.0
    return 0.0 if low is None and high is None else 1 - min(max(over, under), 1)


def _score(person: dict, offered: dict, viewed: list) -> float:
    """The match score by its definition, of one customer and one listing."""
    mine = [each for each in viewed if each["customer_key"] == person["customer_key"]]
    if any(each["property_key"] == offered["property_key"] for each in mine):
        return 0.0
    price = pd.Series([each["list_price"] for each in mine], dtype="float64").median() if mine else None
    fits = {name: float(person[name] == offered[name]) for name in ("project", "district", "layout")}
    fits["area"] = _fit(person["area_min"], person["area_max"], offered["area"], 0.25)
    fits["budget"] = _fit(person["budget_min"], person["budget_max"], offered["list_price"], 0.2)
    for name in ("project", "layout"):
        fits[f"viewed_{name}"] = sum(each[name] == offered[name] for each in mine) / max(len(mine), 1)
    fits["viewed_price"] = _fit(price, price, offered["list_price"], 0.2)
    return round(sum(WEIGHTS[name] * fits[name] for name in FACTORS) / sum(WEIGHTS.values()), 6)


@pytest.mark.parametrize(("listings", "customers", "lost"), [(60, 60, 0), (900, 25, 0.01)])
def test_blocks_find_what_a_comparison_of_all_listings_finds(listings, customers, lost):
    """A market of 900 listings has bands with more listings than are compared: a score in a hundred may be lower."""
    chance = np.random.default_rng(listings)
    market = [
        listing(
            f"h{number:03d}", project=f"p{number % 6}", district=f"d{number % 6 // 2}",
            layout=("一室", "两室", "三室")[number % 7 % 3], area=float(chance.integers(40, 130)),
            list_price=round(float(chance.lognormal(15.2, 0.4)), -4),
        )
        for number in range(listings)
    ]  # fmt: skip
    people, viewed = [], []
    for number in range(customers):
        budget = round(float(chance.lognormal(15.2, 0.4)), -4)
        person = wish(
            f"c{number:02d}", project=f"p{number % 6}", district=f"d{number % 6 // 2}",
            layout=("一室", "两室", "三室", None)[number % 4], budget_min=budget, budget_max=budget * 1.3,
        )  # fmt: skip
        unknown = ((), ("project",), ("project", "district", "layout"), ("budget_min", "budget_max"), ("budget_min",))
        people.append(person | dict.fromkeys(unknown[number % 5]))
        for seen in chance.integers(0, listings, number % 3 * 2):
            shown = market[seen]
            viewed.append(viewing(f"c{number:02d}", **{"key": shown["property_key"]} | {
                name: shown[name] for name in ("project", "layout", "list_price")
            }))  # fmt: skip
    found = given(people, market, viewed)
    ranks = lower = 0
    for person in people:
        best = sorted((_score(person, offered, viewed) for offered in market), reverse=True)[:TOP]
        ours = found.loc[found["customer_key"].eq(person["customer_key"]), "score"].tolist()
        best = [score for score in best if score > 0]
        assert len(ours) == len(best), person
        assert all(our <= score + 2e-6 for our, score in zip(ours, best, strict=True)), person
        ranks += len(best)
        lower += sum(our < score - 2e-6 for our, score in zip(ours, best, strict=True))
    assert lower <= lost * ranks


def test_the_reasons_are_the_fitting_factors_with_the_largest_weights():
    found = given(
        [wish()], [listing("fits"), listing("near", project="x", district="y", layout="z", area=1, list_price=5.9e6)]
    )
    reasons = found.set_index("property_key")
    assert reasons.loc["fits", ["why_en", "why_zh"]].tolist() == [
        "project; district; budget", "符合project；符合district；符合budget",
    ]  # fmt: skip
    assert reasons.loc["near", ["why_en", "why_zh"]].tolist() == ["budget (nearly)", "符合budget（接近）"]


def held_back(viewings: list, wishes: list, listings: list) -> pd.DataFrame:
    """Return the rows of the report of match_listings on core tables with these rows."""
    named = {name: f"asked_{name}" for name in ("project", "district", "layout")}
    known = {"is_open_lead": True, "last_known_on": pd.Timestamp("2026-01-01")}
    rows = {
        "customer_demand": pd.DataFrame(wishes).rename(columns=named).assign(**known).astype({"asked_district": "str"}),
        "listings": pd.DataFrame(listings).assign(is_on_market=True),
        "listing_viewings": pd.DataFrame(viewings, columns=VIEWED)[VIEWED[:3]],
    }
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core; CREATE SCHEMA intermediate; CREATE SCHEMA rules")
        connection.execute(
            "CREATE TABLE intermediate.int_opt_outs__by_customer_as_of (as_of DATE, customer_key VARCHAR, "
            "heeded_on DATE)"
        )
        weights = pd.DataFrame([(name, WEIGHTS[name], *LABELS[name]) for name in FACTORS])  # noqa: F841 - read by name
        connection.execute("CREATE TABLE rules.match_weights (factor, weight, label_en, label_zh) AS FROM weights")
        for name, frame in rows.items():
            connection.register("frame", frame.assign(as_of=DAY))
            connection.execute(f"CREATE TABLE core.{name} AS FROM frame")
        assert match_listings(connection, DAY.date()) is None
        report = connection.execute("SELECT * FROM mining.match_report").df()
    return report[report["metric"] != "available"]


def test_recall_counts_later_first_viewings_among_ten_matches():
    wishes = [wish(f"c{number}", project=f"p{number % 4}", district=None) for number in range(20)]
    listings = [listing(f"h{number:02d}", project=f"p{number % 4}") for number in range(40)]
    later = [viewing(f"c{number}", f"h{number % 4 + 4:02d}", "2026-06-20") for number in range(20)]
    figures = held_back(later, wishes, listings).set_index("metric")
    assert figures.loc["recall_at_10", "value"] == 1.0
    assert figures.loc["recall_at_10_popularity", "value"] == pytest.approx(1.0)  # the first ten keys hold them
    earlier = [viewing("c0", f"h{number:02d}", "2026-05-20") for number in range(20, 30)]
    figures = held_back(later + earlier, wishes, listings).set_index("metric")
    assert figures.loc["recall_at_10_popularity", "value"] == 0.0
    assert figures.loc["recall_at_10_gain", "low"] > 0
    assert figures["note"].eq("20 customers judged").all()


def test_recall_ignores_listings_off_the_market_and_repeated_viewings():
    wishes = [wish(f"c{number}") for number in range(12)]
    came_later = listing("later", listed_on=pd.Timestamp("2026-06-10"))
    was_gone = listing("gone", delisted_on=pd.Timestamp("2026-05-01"))
    again = [viewing(f"c{number}", "seen", on) for number in range(12) for on in ("2026-05-01", "2026-06-20")]
    new = [viewing(f"c{number}", key, "2026-06-20") for number in range(12) for key in ("later", "gone")]
    assert held_back(again + new, wishes, [came_later, was_gone, listing("seen")]).empty
