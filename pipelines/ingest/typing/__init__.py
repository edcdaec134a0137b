"""Text → the types and rules of the contract, as SQL.

`times` reads dates and times, `numbers` reads numbers and amounts, `types` chooses between them by the type of a field,
`contract_rules` lists the broken rules, `row_query` joins all of it into one query, and `map_rows` runs the query.
"""
