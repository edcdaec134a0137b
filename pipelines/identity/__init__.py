"""From lead records to customers, as known on a day: contacts, connected components, pseudonyms.

This is the last step that reads direct identifiers: no later folder reads a name, a phone or an e-mail.
"""
