"""Ingestion: files and their mappings → contract rows or quarantine → staged batch → landing.

The raw contract and the mapping alone judge a row: there are no business rules here. Only `assets` and `drop/sensor`
know Dagster. The rooms, in the order of the data:

| room | work | to add |
|---|---|---|
| `contract` | entities and fields of the raw contract | a field |
| `mapping/` | mapping files as checked data | a file format (`formats`), a key (`field_mapping`, `file_entry`) |
| `reading/` | bytes → rows of text | a reader (`read`), an encoding or a delimiter to detect (`sniff`) |
| `typing/` | text → types and broken rules, as SQL | a date format (`times`), a way to write numbers (`numbers`) |
| `quarantine`, `stage` | rows that broke the contract; one staged batch per source | |
| `landing/` | committed batches | |
| `drop/` | the drop folder | |
| `draft/` | drafts of mappings (`tierhouse map`) | a name or value (`words/`), a ready mapping (`layouts/`) |

Names of currencies are in `pipelines/rules/currencies.py`.
"""
