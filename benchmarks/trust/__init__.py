"""`make evaluate`: how far the models can be trusted, measured on generated homes."""
