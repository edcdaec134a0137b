"""What a model may read: features, targets, the check of a frame, and how each feature is worded."""
