"""Groups records into customers: connected components of records with a shared contact."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipelines.identity.contacts import SHARED, SWITCHBOARD
from pipelines.identity.phones import is_mobile

EXTENSION = ";ext="


def unusable(keys: pd.DataFrame, shared_key_limit: int) -> pd.Series:
    """The reason why a key must not link these records: `switchboard`, `shared`, or null for a usable key.

    `keys`: position (of the record), kind and key, each combination once. A key of more than `shared_key_limit` records
    belongs to an office. A number that also occurs with an extension is a switchboard, unless it is a mobile number;
    without the extension it belongs to no single person.
    """
    reason = pd.Series(None, index=keys.index, dtype="object")
    holders = keys.groupby(["kind", "key"])["position"].transform("size")
    reason[holders > shared_key_limit] = SHARED
    text = keys["key"].astype("str")
    extended = text.str.contains(EXTENSION, regex=False)
    numbers = [
        number for number in text[extended].str.split(EXTENSION, regex=False).str[0].unique() if not is_mobile(number)
    ]
    reason[~extended & text.isin(numbers)] = SWITCHBOARD
    return reason


def resolve(records: pd.DataFrame, keys: pd.DataFrame) -> pd.DataFrame:
    """Group records with equal keys into customers: connected components. Names never link records.

    `records`: record_key, one record per row, the earliest-known record first. `keys`: position in `records`, kind
    (`phone` or `email`) and key, usable keys only.
    Returns record_key, customer_key (the record_key of the earliest-known record of the component, so that rebuilds and
    later merges keep it) and matched_on (`phone`, `email`, `phone+email`, or null for a customer with one record).
    """
    size = len(records)
    edges = {kind: _edges(keys[keys["kind"] == kind]) for kind in ("phone", "email")}
    left, right = (np.concatenate([edge[end] for edge in edges.values()]) for end in (0, 1))
    graph = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    earliest = pd.Series(np.arange(size)).groupby(component).transform("min").to_numpy(dtype=int)
    by_phone, by_email = (_linked(size, edges[kind]) for kind in ("phone", "email"))
    matched = np.select([by_phone & by_email, by_phone, by_email], ["phone+email", "phone", "email"], default="")
    names = records["record_key"].reset_index(drop=True)
    return pd.DataFrame(
        {
            "record_key": names,
            "customer_key": names.to_numpy()[earliest] if size else names,
            "matched_on": pd.Series(matched, dtype="object").replace("", None),
        }
    )


def _edges(keys: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of record positions with an equal key: the first record with the key and each record with it."""
    positions = keys.groupby("key")["position"]
    linked = keys[positions.transform("size") > 1]
    first = positions.transform("min")[linked.index]
    return first.to_numpy(dtype=int), linked["position"].to_numpy(dtype=int)


def _linked(size: int, edges: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    for ends in edges:
        mask[ends] = True
    return mask
