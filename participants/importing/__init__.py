"""People from a file of the HR system.

`reading` makes a table of a CSV or Excel file, `mapping` says which column is which, `planning` decides which
rows can be taken and who reports to whom, and `loading` compares with the people in the database and writes.
The first three know no database. A row that cannot be taken is reported with its reason and the others are
taken; a person whose manager could not be found is not taken, because without the reporting line they could
be matched inside it.
"""
