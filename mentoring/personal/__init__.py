"""What the product holds of one person: a copy for them (GDPR, Articles 15 and 20), and their erasure (17).

`declared.HELD` says for every table whose its rows are, what of them is in the copy, and what erasing
them does.
"""
