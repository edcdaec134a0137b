"""Training and scoring between the warehouse and `models/`: snapshots in, probabilities out."""
