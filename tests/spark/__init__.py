"""Tests that need the environment of requirements-spark.lock; run by make spark-test."""
