"""Features, targets, the check of a frame of features, and the words of each feature."""
