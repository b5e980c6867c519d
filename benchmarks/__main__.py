"""`python -m benchmarks [matching|notices|people|insights] [sizes ...]`: what is measured. Without a name
all, for people a side of 200, 1,000 and 5,000, for 10,000, 100,000 and a million meetings (notices and
insights), and for the import of 200,000 people."""

import sys

import benchmarks.insights
import benchmarks.matching
import benchmarks.notices
import benchmarks.people

MEASURED = {
    "matching": (benchmarks.matching.main, [200, 1000, 5000]),
    "notices": (benchmarks.notices.main, [10_000, 100_000, 1_000_000]),
    "people": (benchmarks.people.main, [200_000]),
    "insights": (benchmarks.insights.main, [10_000, 100_000, 1_000_000]),
}

if __name__ == "__main__":
    names = [text for text in sys.argv[1:] if text in MEASURED] or list(MEASURED)
    given = [int(text.replace(",", "")) for text in sys.argv[1:] if text not in MEASURED]
    for name in names:
        measure, sizes = MEASURED[name]
        measure(given or sizes)
