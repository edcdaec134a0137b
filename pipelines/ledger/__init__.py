"""The ledger: grades, cases, personas and acceptances of earlier days. Append-only."""
