"""Pairs of records that may be one person: which pairs are compared, decided by rules, scored, linked and separated."""
