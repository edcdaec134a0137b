"""Words of real exports and their meanings: column names, deal stages, lead statuses, kinds of interactions."""
