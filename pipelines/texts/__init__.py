"""Protects people in texts of the sources.

`shapes` recognizes phones and e-mails, `names` finds names of people, `labels` decides which texts may be shown, and
`keys` replaces agents, teams and ids that are contacts.
"""
