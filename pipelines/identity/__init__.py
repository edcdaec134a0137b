"""Records to customers, as known at a day: normalised contacts, connected components, pseudonyms.

Direct identifiers stop here: nothing past this folder reads a name, a phone or an e-mail.
"""
