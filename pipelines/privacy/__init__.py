"""Rights of a person under PIPL and GDPR: erasure, access, and the audit log. docs/privacy.md explains them."""
