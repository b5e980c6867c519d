"""People from a file of the HR system.

`opening` has `reading` make a `table` of a CSV or Excel file, in a program of its own with limits. `mapping`
says which column is which, `planning` decides which rows can be taken and who reports to whom; none of these
knows a database. `comparing` sets the rows beside the
people in it, `places` their grades, units, sites and professions, and `writing` carries out what was found. A
row that cannot be taken is reported with its reason and the others are taken; a person whose manager could
not be found is not taken, because without the reporting line they could be matched inside it.
"""
