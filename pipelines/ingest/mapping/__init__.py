"""Mapping files as data: load, check, expressions."""
