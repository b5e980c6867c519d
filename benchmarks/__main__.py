"""`python -m benchmarks [people ...]`: what is measured, for 200, 1,000 and 5,000 a side unless told
otherwise."""

import sys

from benchmarks.matching import main

if __name__ == "__main__":
    main([int(text.replace(",", "")) for text in sys.argv[1:]] or [200, 1000, 5000])
