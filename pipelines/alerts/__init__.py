"""Alerts: what is wrong with a home now, what was sent about it, and the channels that receive it."""
