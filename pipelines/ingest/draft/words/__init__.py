"""Words of real exports and what they mean: column names, deal stages, kinds of contact."""
