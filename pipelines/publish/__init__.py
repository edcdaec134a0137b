"""From the gated warehouse to what BI tools read: a version folder, the ledger, one switch (also for rollback)."""
