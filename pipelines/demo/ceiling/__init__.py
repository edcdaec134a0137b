"""The Bayes ceiling: the best probability that the observed data allow."""
