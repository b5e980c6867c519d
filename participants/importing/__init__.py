"""People from a file of the HR system.

`reading` makes a table of a CSV or Excel file, `mapping` says which column is which, `planning` decides which
rows can be taken and who reports to whom; these three know no database. `comparing` sets the rows beside the
people in it, `places` their grades, units, sites and professions, and `writing` carries out what was found. A
row that cannot be taken is reported with its reason and the others are taken; a person whose manager could
not be found is not taken, because without the reporting line they could be matched inside it.
"""
