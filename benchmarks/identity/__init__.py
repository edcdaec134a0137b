"""Identity on the demo: how right the customers are, and the training of the stored weights."""
