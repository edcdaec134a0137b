"""The first screen: what a sales manager must know within two minutes. Reads aggregates of the published tables."""
