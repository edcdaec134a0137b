"""Landing: committed batches, append-only. Other rooms use the functions that this package exports.

`commits` moves staged batches into landing and rejects batches, `views` registers landing in DuckDB, `manifests` lists
batches, `live_rows` reads their rows, `resolve` compares new rows with them, `balance` checks that no row is lost, and
`first_lead` finds the first day that can be graded.
"""

from pipelines.ingest.landing.commits import commit, reject
from pipelines.ingest.landing.first_lead import count_rows, first_lead_day, live_leads
from pipelines.ingest.landing.manifests import Tombstone, committed, rejected
from pipelines.ingest.landing.views import register, restricted_agents, restricted_contacts

__all__ = [
    "Tombstone",
    "commit",
    "committed",
    "count_rows",
    "first_lead_day",
    "live_leads",
    "register",
    "reject",
    "rejected",
    "restricted_agents",
    "restricted_contacts",
]
