"""NACHA: a validator that others wrote, and our own checker for what it misses."""

import subprocess
import tempfile
from pathlib import Path

import achkit
from stdnum.us import rtn


class Validators:
    """Knows the program that our own checker is."""

    def __init__(self, checker):
        self.checker = checker

    def check(self, content, entries):
        """What each validator finds wrong; `entries` is how many there are."""
        text = content.decode("latin-1")
        lines = text.split("\n")
        numbers = [line[3:12] for line in lines if line.startswith("6")]
        found = {}
        errors = achkit.validate(text)["errors"]
        found["achkit"] = [f"{it['code']}: {it['message']}" for it in errors]
        is_count = len(numbers) == entries
        found["count"] = [] if is_count else [f"{len(numbers)} entries, {entries} are expected"]
        found["routing numbers by stdnum"] = [
            f"{number} is no routing number"
            for number in sorted(set(numbers))
            if not rtn.is_valid(number)
        ]
        found["our checker"] = self.own(content)
        return found

    def own(self, content):
        """What our own checker finds wrong, with the line of it."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.ach"
            path.write_bytes(content)
            run = subprocess.run([self.checker, path], capture_output=True, text=True, check=False)
        if run.returncode == 0:
            return []
        # A checker that fails without a word has checked nothing.
        return run.stdout.splitlines() or [f"checker: {run.stderr}"]


# What is done to a right file with seven entries, the code that achkit must have
# for it, and what our own checker must say.
# Lines: a file header, a batch header, seven entries, two controls, padding.
# Lines and characters count from 1.
SPOILED = [
    ("hash of the batch", (10, 20, "9"), "BAD_ENTRY_HASH", "hash of the batch"),
    ("count of the batch", (10, 10, "8"), "BAD_BATCH_COUNT", "entries of the batch"),
    ("debits of the batch", (10, 32, "9"), "BAD_BATCH_DEBIT", "debits of the batch"),
    ("credits of the batch", (10, 44, "1"), "BAD_BATCH_CREDIT", "credits of the batch"),
    ("hash of the file", (11, 31, "9"), "BAD_FILE_HASH", "hash of the file"),
    ("count of the file", (11, 21, "8"), "BAD_FILE_COUNT", "entries of the file"),
    ("batches of the file", (11, 7, "2"), "BAD_FILE_BATCH_COUNT", "batches"),
    ("debits of the file", (11, 43, "9"), "BAD_FILE_DEBIT", "debits of the file"),
    ("blocks of the file", (11, 13, "3"), "BAD_BLOCK_COUNT", "blocks"),
    ("amount changed", (3, 39, "9"), "BAD_BATCH_DEBIT", "debits of the batch"),
    ("padding is short", (20, 1, None), "BAD_BLOCKING", "19 records"),
    ("a record is long", (3, 94, "12"), "BAD_RECORD_LEN", "95 characters"),
    ("check digit of a bank", (3, 12, "3"), "BAD_ROUTING_CHECKSUM", "RDFI"),
    # What achkit does not look at.
    ("service class", (2, 2, "200"), None, "service class"),
    ("service class of the control", (10, 2, "200"), None, "service class of the control"),
    ("standard entry class", (2, 51, "XYZ"), None, "standard entry class"),
    ("effective date", (2, 70, "261131"), None, "effective date"),
    ("company id of the control", (10, 45, "2"), None, "company id of the control"),
    ("batch number of the control", (10, 94, "7"), None, "batch number of the control"),
    ("order of traces", (5, 80, "231380100000001"), None, "trace ascends"),
    ("letter that is not ASCII", (3, 55, "\xd6"), None, "not printable ASCII"),
    ("prenote with an amount", (3, 2, "28"), None, "amount"),
]


def spoiled(content):
    """Each spoiled file, as (name, content, what who must see it says)."""
    text = content.decode()
    for name, (number, place, put), code, said in SPOILED:
        seen_by = {"our checker": said} | ({"achkit": code} if code else {})
        if code == "BAD_ROUTING_CHECKSUM":
            seen_by["routing numbers by stdnum"] = "no routing number"
        lines = text.splitlines()
        line = lines[number - 1]
        if put is None:
            del lines[number - 1]
        else:
            after = place - 1 + len(put)
            lines[number - 1] = line[: place - 1] + put + line[after:]
        changed = "\n".join(lines) + "\n"
        yield name, None if changed == text else changed.encode("latin-1"), seen_by
