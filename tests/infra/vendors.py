"""A vendor's plugin: it comes in by bucket, queue and function, is stopped, and released."""

import json
import shutil
from pathlib import Path

from command import outcome

HERE = Path(__file__).parent
FROZEN = HERE.parent / "frozen" / "0.1.0"
PLUGIN = "acme-sms-reminder"

# The days of its runs: after all others.
STOPPED, RELEASED = "2026-03-02", "2026-03-03"

TRUST = """
[[vendor]]
name = "Acme"
keys = ["{key}"]

[[vendor.plugin]]
id = "acme-*"
effects = ["custom"]
"""

SCHEME = """
[[scheme]]
code = "SMS"
entry_milestone = "SOON"

[[scheme.milestone]]
code = "SOON"
level = 1
duration = 10
next_milestone = "SMS"

[[scheme.milestone]]
code = "SMS"
level = 2

[[scheme.milestone.action]]
type = "acme:sms-reminder"

[scheme.milestone.action.config]
default_language = "en"
from = "09:00"
until = "20:00"
texts = { en = "You owe {{account.balance}}." }
"""

BOOK = [
    {"type": "contact", "id": "C-V", "name": "V", "attributes": {"mobile": "+15551230001"}},
    {
        "type": "account",
        "id": "V-1",
        "contact": "C-V",
        "class": "residential",
        "currency": "USD",
        "balance": "50.00",
    },
    {
        "type": "delinquency",
        "id": "D-V",
        "account": "V-1",
        "kind": "collections",
        "scheme": "SMS",
        "milestone": "SOON",
        "entered_on": "2026-01-15",
        "balance": "50.00",
    },
]


def added(world):
    """a signed plugin is added by one command, and admitted by the function"""
    folder = world.folder / "vendor"
    folder.mkdir()
    component = folder / "acme.wasm"
    shutil.copy(FROZEN / f"{PLUGIN}-rust.wasm", component)
    key = folder / "acme.key"
    made = world.local("plugin", "key", "new", key, "--no-password")
    world.local("plugin", "sign", component, "--key", key)
    trust = folder / "trust.toml"
    trust.write_text(TRUST.format(key=made["public_key"]))
    bare = folder / "bare.wasm"
    shutil.copy(component, bare)
    active = []
    for arrears in [world.local, world.aws]:
        arrears("plugin", "trust", "load", trust)
        refused = arrears("plugin", "add", bare, exits=[1])["error"]
        world.checks.that("unsigned, it is refused", "not signed" in str(refused), refused)
        active.append(arrears("plugin", "add", component)["active"]["digest"])
    world.checks.same("the component that is active", active[1], active[0])


def stopped(world):
    """records that need a plugin in quarantine wait, whole, and are done when it is released"""
    setup = world.folder / "vendor" / "setup.toml"
    setup.write_text((HERE / "setup.toml").read_text() + SCHEME)
    lines = world.folder / "vendor" / "book.jsonl"
    lines.write_text("".join(json.dumps(line) + "\n" for line in BOOK))
    for arrears in [world.local, world.aws]:
        arrears("setup", "load", setup)
        arrears("book", "import", lines)
        arrears("plugin", "quarantine", PLUGIN, "--reason", "wrong texts")
    omitted = run(world, STOPPED)["omitted_by_reason"]
    world.checks.that("its record is omitted", "PLUGIN_QUARANTINED" in json.dumps(omitted), omitted)
    for arrears in [world.local, world.aws]:
        arrears("plugin", "release", PLUGIN)
    report = run(world, RELEASED)
    left = json.dumps(report["omitted_by_reason"])
    world.checks.that("no record waits", "PLUGIN_QUARANTINED" not in left, left)
    world.checks.that("its message is sent", "custom" in json.dumps(report["effects"]), report)


def run(world, as_of):
    """The same run on this machine and by the state machine: what it has come to."""
    ours = world.local("run", "collections", "--as-of", as_of)
    status, _ = world.machines.run("collections-run", {"kind": "collections", "as_of": as_of})
    world.checks.same("the execution", status, "SUCCEEDED")
    theirs = world.aws("runs", "show", ours["run_key"])
    world.checks.same(f"what {ours['run_key']} comes to", outcome(theirs), outcome(ours))
    return theirs


PARTS = [added, stopped]
