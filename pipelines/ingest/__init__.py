"""The way in: mapping file → raw rows → contract rows or quarantine → staged batch → landing.

No Dagster here, and no business rule: a row is judged by the raw contract and its mapping alone.
"""
