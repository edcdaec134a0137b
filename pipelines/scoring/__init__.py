"""Between the warehouse and `models/`: snapshots in, scores out. What a model is made of is decided in `models/`."""
