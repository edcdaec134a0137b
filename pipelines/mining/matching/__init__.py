"""Listings for customers in SQL: blocks of listings, bounds that prune them, exact scores of the rest."""
