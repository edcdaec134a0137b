"""Listing matches: the best fit comes first with its reasons; a listing without a fit is not recommended."""

from __future__ import annotations

import pandas as pd
import pytest

from models.mining.match_recall import held_back_recall
from models.mining.match_words import with_reasons
from models.mining.matches import FACTORS, TOP, recommend

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
        "property_key": key, "use": "sale", "project": "云栖雅苑", "district": "浦东新区", "layout": "两室",
        "area": 90.0, "list_price": 4.5e6, "listed_on": pd.Timestamp("2026-01-01"), "delisted_on": pd.NaT,
    } | changes  # fmt: skip


def viewing(customer: str, key: str, on: str = "2026-06-01", **changes: object) -> dict[str, object]:
    shown = listing(key, **changes)
    return {"customer_key": customer, "viewed_on": pd.Timestamp(on), **{name: shown[name] for name in VIEWED[3:]},
            "property_key": key}  # fmt: skip


def given(wishes: list, listings: list, viewings: list = (), weights: dict = WEIGHTS) -> pd.DataFrame:
    return recommend(pd.DataFrame(wishes), pd.DataFrame(listings), pd.DataFrame(viewings, columns=VIEWED), weights)


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
        [listing("sold"), listing("let", use="rent")],
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
    assert given([wish()], [listing("let", use="rent")]).empty


def test_a_weight_of_zero_removes_a_factor():
    only_layout = dict.fromkeys(FACTORS, 0.0) | {"layout": 1.0}
    found = given([wish()], [listing("fits"), listing("other", layout="一室")], weights=only_layout)
    assert found["property_key"].tolist() == ["fits"]


def test_the_reasons_are_the_fitting_factors_with_the_largest_weights():
    found = given(
        [wish()], [listing("fits"), listing("near", project="x", district="y", layout="z", area=1, list_price=5.9e6)]
    )
    reasons = with_reasons(found, WEIGHTS, LABELS).set_index("property_key")
    assert reasons.loc["fits", ["why_en", "why_zh"]].tolist() == [
        "project; district; budget", "符合project；符合district；符合budget",
    ]  # fmt: skip
    assert reasons.loc["near", ["why_en", "why_zh"]].tolist() == ["budget (nearly)", "符合budget（接近）"]


def held_back(viewings: list, wishes: list, listings: list) -> pd.DataFrame:
    frame = pd.DataFrame(viewings, columns=VIEWED)
    return held_back_recall(pd.DataFrame(wishes), pd.DataFrame(listings), frame, WEIGHTS, DAY, 1)


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
    assert figures["rows"].eq(20).all()


def test_recall_ignores_listings_off_the_market_and_repeated_viewings():
    wishes = [wish(f"c{number}") for number in range(12)]
    came_later = listing("later", listed_on=pd.Timestamp("2026-06-10"))
    was_gone = listing("gone", delisted_on=pd.Timestamp("2026-05-01"))
    again = [viewing(f"c{number}", "seen", on) for number in range(12) for on in ("2026-05-01", "2026-06-20")]
    new = [viewing(f"c{number}", key, "2026-06-20") for number in range(12) for key in ("later", "gone")]
    assert held_back(again + new, wishes, [came_later, was_gone, listing("seen")]).empty
