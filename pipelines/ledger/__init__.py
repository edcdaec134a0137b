"""What must be remembered from day to day: grades, cases, personas, acceptances. Append-only."""
