"""`make evaluate`: the trust figures of the models, measured on generated homes."""
