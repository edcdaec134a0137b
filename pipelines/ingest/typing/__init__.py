"""Text to types and contract rules, as SQL: times, numbers, money, keys."""
