"""The command `arrears`, over the stand-in and over a folder of this machine.

What runs on AWS is done on this machine as well, with the same setup, book and dates:
both must come to the same.
"""

import json
import os
import subprocess


class Arrears:
    """The command with an environment or with a folder."""

    def __init__(self, binary, environment, options=()):
        kept = {name: os.environ[name] for name in ["PATH", "HOME"] if name in os.environ}
        self.environment = kept | environment
        self.command = [str(binary), "--json", *map(str, options)]

    def __call__(self, *arguments, exits=(0,)):
        """Runs a command; it gives the JSON that it prints."""
        run = subprocess.run(
            [*self.command, *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if run.returncode not in exits:
            raise RuntimeError(f"arrears {' '.join(map(str, arguments))}: {run.stderr}{run.stdout}")
        return json.loads(run.stdout) if run.stdout.strip() else None

    def file(self, key, folder):
        """The content of a file that a run has written."""
        path = folder / "fetched"
        self("files", "get", key, "--out", path)
        return path.read_bytes()

    def book(self, folder):
        """The whole book as it stands: its lines, sorted."""
        path = folder / "book-now.jsonl"
        self("book", "export", "--out", path)
        return [json.loads(line) for line in path.read_text().splitlines()]


# What a run comes to, whoever carries it and however long it takes.
OF_A_RUN = [
    "run_key",
    "kind",
    "as_of",
    "status",
    "processed",
    "errors",
    "omitted",
    "omitted_by_reason",
    "moves",
    "effects",
    "charged_minor_units",
]


def outcome(report):
    """What a run came to."""
    return {name: report[name] for name in OF_A_RUN}
