"""The Dagster UI for the operator of this machine, with a guard against other web pages."""
