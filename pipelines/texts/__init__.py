"""Which texts of the sources may leave landing: labels that many records share, keys of people, no contacts."""
