"""Dagster's UI, for the operator of this machine alone: started, and guarded from other web pages."""
