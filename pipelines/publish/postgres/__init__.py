"""PostgreSQL publishing, optional: the live version as the schema `tierhouse` of a database.

Each version is a schema of its own, `tierhouse_<version>`, loaded in one transaction. Readers use views in the schema
`tierhouse`; one transaction replaces all views. So grants and the users' own views last from version to version, and a
transaction of a reader sees one version: it locks the first view that it reads, and the views are replaced together or
not at all.
"""
