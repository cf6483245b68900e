"""Validates files of banks with validators that we did not write.

Started by `cargo xtask conformance`, which makes the files. The name of a file ends
with how many debits it has: made-5000.xml. Prints a line for each check.
"""

import argparse
import sys
from pathlib import Path

import calendars
import nacha
import sepa

# The files that are spoiled in all ways.
TO_SPOIL = {".xml": "made-7.xml", ".ach": "made-7.ach"}


class Tally:
    """Prints each check and counts it."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, what, problems):
        """A check that passes if there are no problems."""
        if problems:
            self.failed += 1
            more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
            print(f"FAILED  {what}: {'; '.join(problems[:3])}{more}")
        else:
            self.passed += 1
            print(f"ok      {what}")

    def right(self, name, found):
        """What is right must be right to each validator."""
        for validator, problems in found.items():
            self.add(f"{name}: {validator}", problems)

    def spoiled(self, name, found, seen_by):
        """What is spoiled must be refused by those who can see it, for that reason."""
        for validator, reason in seen_by.items():
            problems = found.get(validator, [])
            is_seen = any(reason in problem for problem in problems)
            missed = [] if is_seen else [f"`{reason}` is not among {problems}"]
            self.add(f"{name}: refused by {validator}", missed)


def main():
    """Checks all files of a folder, then those that are spoiled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", help="the folder of the files")
    parser.add_argument("--days", help="the days on which banks are closed")
    parser.add_argument("--schemas", help="the folder of the schemas of the crate sepa")
    parser.add_argument("--checker", help="the program that is our own checker of NACHA files")
    arguments = parser.parse_args()
    files = Path(arguments.files)
    tally = Tally()
    formats = {
        ".xml": (sepa, sepa.Validators(Path(arguments.schemas))),
        ".ach": (nacha, nacha.Validators(arguments.checker)),
    }
    for path in sorted(files.iterdir()):
        _, validators = formats[path.suffix]
        entries = int(path.stem.rsplit("-", 1)[1])
        tally.right(path.name, validators.check(path.read_bytes(), entries))
    for suffix, (module, validators) in formats.items():
        content = (files / TO_SPOIL[suffix]).read_bytes()
        spoil(tally, suffix, module.spoiled(content), lambda it, by=validators: by.check(it, 7))
    days = Path(arguments.days).read_text()
    tally.right("calendars from 2000 to 2100", calendars.check(days))
    spoil(tally, "calendars", calendars.spoiled(days), calendars.check)
    print(f"conformance: {tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed else 0)


def spoil(tally, what, cases, check):
    """Spoils a thing in all ways; one that changes nothing has lost its meaning."""
    for name, content, seen_by in cases:
        if content is None:
            tally.add(f"spoiled {what}, {name}", ["this changes nothing any more"])
        else:
            tally.spoiled(f"spoiled {what}, {name}", check(content), seen_by)


if __name__ == "__main__":
    main()
