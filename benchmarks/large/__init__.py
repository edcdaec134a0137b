"""What a day, a training and their parts cost at several sizes: `make bench-large`."""
