"""Terraform over `infra/`, with its state and its provider elsewhere."""

import json
import os
import subprocess
from pathlib import Path

# The provider waits for some resources by the clock; more at once hides that.
PARALLEL = 20


class Terraform:
    """The module, applied to a stand-in."""

    def __init__(self, module, folder, variables):
        self.module = Path(module)
        self.folder = Path(folder)
        self.variables = variables
        self.environment = os.environ | {
            "TF_DATA_DIR": str(self.folder / "terraform"),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
        }

    def run(self, *arguments, timeout_s):
        """Runs a command of Terraform, and gives what it prints. What it prints is in a
        file while it runs: some resources take minutes, or for ever."""
        path = self.folder / f"terraform-{arguments[0]}.log"
        with open(path, "w", encoding="utf-8") as output:
            run = subprocess.run(
                ["terraform", f"-chdir={self.module}", *arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
            )
        printed = path.read_text(encoding="utf-8")
        if run.returncode != 0:
            # The errors come last.
            errors = printed.partition("\nError:")
            raise RuntimeError(f"terraform {arguments[0]} failed: {errors[2] or printed}")
        return printed

    def state(self):
        """Where the state is kept."""
        return f"-state={self.folder / 'terraform.tfstate'}"

    def options(self):
        """What applying and destroying are told."""
        given = [f"-var={name}={value}" for name, value in self.variables.items()]
        return ["-auto-approve", "-no-color", f"-parallelism={PARALLEL}", self.state(), *given]

    def init(self):
        """Gets the provider."""
        return self.run("init", "-no-color", timeout_s=300)

    def apply(self):
        """Makes everything."""
        return self.run("apply", *self.options(), timeout_s=1200)

    def destroy(self):
        """Removes everything. What there is is known: nothing else has touched it."""
        return self.run("destroy", "-refresh=false", *self.options(), timeout_s=1200)

    def resources(self):
        """How many resources there are."""
        return len(self.run("state", "list", self.state(), timeout_s=60).split())

    def outputs(self):
        """What the module says of itself."""
        printed = self.run("output", "-json", self.state(), timeout_s=60)
        return {name: it["value"] for name, it in json.loads(printed).items()}
