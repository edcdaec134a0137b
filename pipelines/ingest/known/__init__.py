"""Which rows landing holds: those of live batches, and those that live batches share with a rejected one."""
