"""Which records are one customer, as known at a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def resolve(records: pd.DataFrame, shared_key_limit: int) -> pd.DataFrame:
    """Connected components of records over equal phones and equal e-mails; names never link.

    `records`: one row per record known at the day, with record_key, known_at, phone and email (normalised or null).
    A phone or e-mail of more than `shared_key_limit` records is an office's, not a person's: it links nobody.
    Returns record_key, customer_key (the key of the component's earliest-known record, so it survives rebuilds and
    later merges) and matched_on (`phone`, `email`, `phone+email`, or null for a record that stands alone).
    """
    records = records.sort_values(["known_at", "record_key"], kind="stable").reset_index(drop=True)
    size = len(records)
    edges = [_edges(records[kind], shared_key_limit) for kind in ("phone", "email")]
    left = np.concatenate([edge[0] for edge in edges])
    right = np.concatenate([edge[1] for edge in edges])
    graph = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    # Records are in order of knowledge: the first position of a component is its earliest-known record.
    earliest = pd.Series(np.arange(size)).groupby(component).transform("min").to_numpy(dtype=int)
    by_phone, by_email = (_linked(size, edge) for edge in edges)
    matched = np.select([by_phone & by_email, by_phone, by_email], ["phone+email", "phone", "email"], default="")
    return pd.DataFrame(
        {
            "record_key": records["record_key"],
            "customer_key": records["record_key"].to_numpy()[earliest] if size else records["record_key"],
            "matched_on": pd.Series(matched, dtype="object").replace("", None),
        }
    )


def _edges(keys: pd.Series, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the records that share a key, each paired with the key's first holder."""
    groups = keys.dropna().to_frame("key")
    groups["position"] = groups.index
    holders = groups.groupby("key")["position"].agg(["min", "size"])
    groups = groups.join(holders, on="key")
    linked = groups[(groups["size"] > 1) & (groups["size"] <= limit)]
    return linked["min"].to_numpy(dtype=int), linked["position"].to_numpy(dtype=int)


def _linked(size: int, edges: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    for ends in edges:
        mask[ends] = True
    return mask


def resolve_at(versions: pd.DataFrame, cutoff: pd.Timestamp, shared_key_limit: int) -> pd.DataFrame:
    """`resolve` over what was known before `cutoff` (UTC without offset): each record's last version known by then.

    `versions`: row versions with record_key, created_at, known_at, batch_seq, phone, email.
    """
    known = versions[(versions["known_at"] < cutoff) & (versions["created_at"] < cutoff)]
    ordered = known.sort_values(["known_at", "batch_seq", "record_key"], kind="stable")
    first_known = ordered.groupby("record_key")["known_at"].min()
    latest = ordered.drop_duplicates("record_key", keep="last")
    records = latest.assign(known_at=first_known.reindex(latest["record_key"]).to_numpy())
    return resolve(records[["record_key", "known_at", "phone", "email"]], shared_key_limit)
