"""The rules tables that business users edit: `table` reads them, `check` checks them, `version` names their version.

`currencies` has the codes and other names of currencies: add a name there. `fx_rates` reads the exchange rates.
"""
