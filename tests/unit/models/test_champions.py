from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from models.errors import ModelStoreError, NoChampion
from models.judge.compare import Decision
from models.store.champions import champion, champions, events, record, rollback, was_rolled_back
from models.store.store import save

TODAY = date(2026, 6, 30)
FIRST = Decision(True, "first model of its target and horizon", None, {"pr_auc": 0.6})
KEEP = Decision(False, "P(PR-AUC gain > 0) is 0.500, below 0.95", "dormancy-90-20260428-0123456789", {"rows": 5.0})


def trained_through(model, day: date, digits: str = "0123456789"):
    name = f"dormancy-90-{day:%Y%m%d}-{digits}"
    card = model.card | {"model_id": name, "trained_through": day.isoformat()}
    return dataclasses.replace(model, model_id=name, trained_through=day, card=card)


def promoted(store, model):
    save(store, model)
    record(store, model, FIRST)
    return model


@pytest.fixture
def three(tmp_path, light):
    """April, May and June, promoted with the latest first."""
    months = [trained_through(light, date(2026, month, 28)) for month in (4, 5, 6)]
    for one in reversed(months):
        promoted(tmp_path, one)
    return months


def test_the_champion_of_a_day_is_the_latest_that_was_trained_by_then(tmp_path, three):
    april, may, june = three
    assert champion(tmp_path, "dormancy", 90, date(2026, 6, 27)).model_id == may.model_id
    assert champion(tmp_path, "dormancy", 90, date(2026, 6, 28)).model_id == june.model_id
    assert champion(tmp_path, "dormancy", 90, date(2026, 5, 27)).model_id == april.model_id
    assert [event["model_id"] for event in champions(tmp_path, "dormancy", 90)] == [one.model_id for one in three]


def test_a_champion_promoted_later_never_scores_an_earlier_day(tmp_path, light):
    promoted(tmp_path, light)
    with pytest.raises(NoChampion, match=r"through 2026-01-31 or earlier .* found 2026-06-30; .* --as-of 2026-01-31`"):
        champion(tmp_path, "dormancy", 90, date(2026, 1, 31))


def test_a_challenger_that_is_not_promoted_is_recorded_and_changes_no_champion(tmp_path, light, three):
    later = trained_through(light, date(2026, 7, 5))
    save(tmp_path, later)
    record(tmp_path, later, KEEP)
    record(tmp_path, later, KEEP)
    assert champion(tmp_path, "dormancy", 90, date(2026, 7, 5)).model_id == three[2].model_id
    history = events(tmp_path, "dormancy", 90)
    assert [event["event"] for event in history] == ["promoted"] * 3 + ["kept"]
    assert history[-1]["decision"]["reason"] == KEEP.reason and history[-1]["decision"]["figures"] == {"rows": 5.0}


def test_of_two_promotions_for_one_day_the_later_decision_applies(tmp_path, light):
    promoted(tmp_path, light)
    other = promoted(tmp_path, trained_through(light, TODAY, "9999999999"))
    assert champion(tmp_path, "dormancy", 90, TODAY).model_id == other.model_id


def test_each_target_and_horizon_has_its_own_champions(tmp_path, light):
    promoted(tmp_path, light)
    for target, horizon in (("dormancy", 60), ("intent", 90)):
        with pytest.raises(NoChampion, match=f"expected a {target} model for {horizon} days"):
            champion(tmp_path, target, horizon, TODAY)


def test_rollback_returns_to_the_previous_champion(tmp_path, three):
    april, may, june = three
    assert rollback(tmp_path, "dormancy", 90).model_id == may.model_id
    assert champion(tmp_path, "dormancy", 90, TODAY).model_id == may.model_id
    assert was_rolled_back(tmp_path, june) and not was_rolled_back(tmp_path, may)
    with pytest.raises(ModelStoreError, match="never rolled back, found dormancy-90-20260628"):
        record(tmp_path, june, FIRST)
    assert rollback(tmp_path, "dormancy", 90).model_id == april.model_id
    with pytest.raises(NoChampion, match=f"expected two dormancy champions .* found {april.model_id}"):
        rollback(tmp_path, "dormancy", 90)


def test_a_rollback_to_a_damaged_model_changes_nothing(tmp_path, three):
    (tmp_path / three[1].model_id / "card.json").write_text("{}")
    before = (tmp_path / "champions.json").read_bytes()
    with pytest.raises(ModelStoreError, match=r"card.json: expected"):
        rollback(tmp_path, "dormancy", 90)
    assert (tmp_path / "champions.json").read_bytes() == before


def test_without_a_champion_the_error_says_how_to_train(tmp_path):
    with pytest.raises(NoChampion, match=r"found none; train one with `tierhouse train --as-of 2026-06-30`"):
        champion(tmp_path / "nowhere", "dormancy", 90, TODAY)


def test_a_model_that_is_not_saved_or_is_damaged_cannot_become_champion(tmp_path, light):
    with pytest.raises(ModelStoreError, match="found none"):
        record(tmp_path, light, FIRST)
    folder = save(tmp_path, light)
    (folder / "report.parquet").write_bytes(b"?")
    with pytest.raises(ModelStoreError, match=r"report.parquet: expected"):
        record(tmp_path, light, FIRST)
    assert not (tmp_path / "champions.json").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"dormancy-90": [{"model_id": "x"}]}', '{"dormancy-90": 3}'])
def test_a_broken_list_of_champions_is_a_clear_error(tmp_path, content):
    (tmp_path / "champions.json").write_text(content)
    with pytest.raises(ModelStoreError, match=r"champions.json: expected"):
        champion(tmp_path, "dormancy", 90, TODAY)
