"""Personas, demand rules, forecast of new leads and listing matches: frames in, frames out."""
