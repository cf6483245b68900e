"""Applies `infra/` to moto, runs the system in it, and removes it again.

Started by `cargo xtask infra-test`, which builds what it needs. Prints a line for each
check, and how many failed.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import runs
import triggers
import vendors
from checks import Checks, wait
from functions import Functions
from pollers import Pollers
from stand_in import REGION, StandIn
from terraform import Terraform
from world import World

ARCHITECTURE = "x86_64"


def main():
    """Makes everything, uses it, and removes it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="the checkout")
    parser.add_argument("--binaries", required=True, help="the folder of the binaries")
    parser.add_argument("--components", required=True, help="the folder of the plugins")
    parser.add_argument("--keep", help="a folder for logs and state, instead of none")
    arguments = parser.parse_args()
    checks = Checks()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        checks.part("the test as a whole", test, checks, arguments, folder)
    print(f"infra: {checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


def test(checks, arguments, folder):
    """Starts what stands in for AWS, and ends it whatever happens."""
    functions = Functions(folder / "package" / ARCHITECTURE, arguments.binaries, folder)
    server = StandIn(functions.invoke)
    functions.endpoint = server.endpoint
    pollers = Pollers(functions.invoke)
    try:
        deployed(checks, arguments, folder, server, functions)
        checks.same("no poller has failed", pollers.failures, [])
    finally:
        pollers.stop()
        if checks.failed:
            print(*functions.complaints(), sep="\n")
        functions.stop()
        server.stop()


def deployed(checks, arguments, folder, server, functions):
    """From `terraform apply` to `terraform destroy`."""
    root = Path(arguments.root)
    package(root, arguments.components, folder / "package")
    variables = {
        "endpoint": server.endpoint,
        "package_folder": folder / "package",
        "architecture": ARCHITECTURE,
        "deletion_protection": "false",
    }
    terraform = Terraform(root / "infra", folder, variables)
    terraform.init()
    try:
        terraform.apply()
        checks.that(f"terraform apply: {terraform.resources()} resources", True)
        world = World(checks, arguments.binaries, folder, server, functions, terraform.outputs())
        world.listen()
        for part in [admission, *runs.PARTS, *triggers.PARTS, *vendors.PARTS, told, the_same_book]:
            checks.part(part.__doc__.splitlines()[0], part, world)
    finally:
        terraform.destroy()
    left = terraform.resources()
    checks.same("terraform destroy leaves nothing", left, 0)


def package(root, components, folder):
    """What `cargo xtask package` makes. The functions are not in it: their binaries
    are started from where cargo has put them."""
    names = ["collections-run", "export-run", "payment-run"]
    names += ["account-events", "return-files", "plugin-admit"]
    (folder / ARCHITECTURE).mkdir(parents=True, exist_ok=True)
    bundle = root / "xtask" / "src" / "package" / "bundle.py"
    certificates = root / "functions" / "lambdas" / "certificates.pem"
    stub = folder / "stub"
    for name in names:
        stub.write_text(f"stands for {name}")
        zipped = folder / ARCHITECTURE / f"{name}.zip"
        subprocess.run([sys.executable, bundle, stub, certificates, zipped], check=True)
    (folder / "components").mkdir(exist_ok=True)
    for path in Path(components).glob("*.wasm"):
        shutil.copy(path, folder / "components")


def admission(world):
    """plugins are admitted by the function, from the bucket by way of the queue"""
    prefix = f"{world.agency}/artifacts/"

    def artifacts():
        listed = world.s3.list_objects_v2(Bucket=world.plugins_bucket, Prefix=prefix)
        found = [it["Key"] for it in listed.get("Contents", []) if it["Key"].endswith(".cwasm")]
        return found if len(found) >= 8 else None

    found = wait("eight artifacts", artifacts, 300)
    world.checks.same("artifacts of the eight plugins", len(found), 8)
    answer, has_failed = world.functions.invoke(
        world.names["plugin-admit"], '{"readmit": "all"}'
    )
    world.checks.that("all are admitted again", not has_failed, answer)


def told(world):
    """the bus is told once of each run that has finished"""
    finished = [run["run_key"] for run in world.aws("runs", "list")]
    ids = sorted(event["id"] for event in world.told())
    expected = sorted(f"{world.agency}/{run_key}/finished" for run_key in finished)
    world.checks.same("events of finished runs", sorted(set(ids)), expected)


def the_same_book(world):
    """the book is the one that this machine has made"""
    ours, theirs = (book_of(arrears, world.folder) for arrears in [world.local, world.aws])
    world.checks.same("lines of the book", len(theirs), len(ours))
    other = [(mine, its) for mine, its in zip(ours, theirs) if mine != its]
    world.checks.that(f"{len(ours)} lines are the same", not other, f"{len(other)}: {other[:2]}")


def book_of(arrears, folder):
    """A book without its runs, which know how long they took; they were compared."""
    return [line for line in arrears.book(folder) if line["type"] != "run"]


if __name__ == "__main__":
    main()
