"""Dagster code that is no asset: jobs, schedules, partitions, resources, progress, run history."""
