"""The demo's people, deals, contacts and listings, clean and complete."""
