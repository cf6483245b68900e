"""Prints a line for each check, and waits for things with a limit."""

import sys
import time
import traceback


class Checks:
    """Counts what is right and what is not."""

    def __init__(self):
        self.passed = self.failed = 0
        self.start = time.monotonic()

    def that(self, what, is_right, otherwise=""):
        """A check, and what there is instead if it is not right."""
        if is_right:
            self.passed += 1
            print(f"ok      {self.at()} {what}")
        else:
            self.failed += 1
            print(f"FAILED  {self.at()} {what}: {otherwise}")

    def same(self, what, found, expected):
        """A check that two things are the same."""
        self.that(what, found == expected, f"{found!r} instead of {expected!r}")

    def part(self, what, work, *arguments):
        """A part of the test. What it raises fails it, and the other parts go on."""
        try:
            work(*arguments)
        except Exception as error:
            self.that(what, False, error)
            traceback.print_exc(file=sys.stdout)

    def at(self):
        """How many seconds it is since the start."""
        return f"{time.monotonic() - self.start:6.1f} s "


class Late(Exception):
    """Something has not happened in time."""


def wait(what, until, limit_s=120, pause_s=0.2):
    """Waits until `until()` gives something that is true, and gives that."""
    end = time.monotonic() + limit_s
    while True:
        found = until()
        if found:
            return found
        if time.monotonic() > end:
            raise Late(f"{what}: not after {limit_s} s")
        time.sleep(pause_s)
