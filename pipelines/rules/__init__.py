"""The rules tables that business users edit: reading, checks, versions, exchange rates."""
