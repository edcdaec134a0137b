"""Personas, demand rules, forecast of new leads, listing matches. Pure: frames in, frames out; no Dagster, no SQL."""
