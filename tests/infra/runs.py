"""Runs: by the state machines on the stand-in, and on this machine by the command."""

import re
import time
from pathlib import Path

import book
from checks import wait
from command import outcome

HERE = Path(__file__).parent

# How often a function is killed at its work.
KILLS = 3


def a_book(world):
    """setup and book are taken in by the command"""
    path = world.folder / "book.jsonl"
    book.write(path)
    for arrears in [world.local, world.aws]:
        arrears("setup", "load", HERE / "setup.toml")
        taken_in = arrears("book", "import", path)
        world.checks.same("lines that are refused", taken_in["rejected_count"], 0)


def collections(world):
    """a collections run by the state machine"""
    ours = world.local("run", "collections", "--as-of", book.FIRST)
    request = {"kind": "collections", "as_of": book.FIRST}
    status, summary = world.machines.run("collections-run", request)
    world.checks.same("the execution", status, "SUCCEEDED")
    world.checks.same("processed, by its summary", summary["processed"], book.DUE)
    world.checks.same("on hold, by its summary", summary["omitted"], book.ON_HOLD)
    same_run(world, ours)
    lines = list(world.functions.lines(world.names["collections-run"]))
    counted = sum(line.get("Processed", 0) for line in lines)
    world.checks.same("processed, by the metrics", counted, book.DUE)
    finished = [line for line in lines if line.get("RunFinished")]
    world.checks.same("metrics of finished runs", len(finished), 1)


def again(world):
    """the same run is not started twice"""
    request = {"kind": "collections", "as_of": book.FIRST}
    status, answer = world.machines.run("collections-run", request)
    world.checks.same("the second execution", status, "SUCCEEDED")
    world.checks.that("it has nothing to do", answer["state"] in ["duplicate", "finished"], answer)
    runs = world.aws("runs", "list")
    world.checks.same("runs", [run["run_key"] for run in runs], ["collections-000001"])


def killed(world):
    """a run whose function is killed in mid-chunk"""
    ours = world.local("run", "collections", "--as-of", book.SECOND)
    name = world.names["collections-run"]
    request = {"kind": "collections", "as_of": book.SECOND}
    execution = world.machines.start("collections-run", request)
    wait("portions", lambda: world.machines.planned(ours["run_key"]))
    for number in range(KILLS):
        # Not at the same moment of its work each time.
        time.sleep(0.1 * number)
        wait("a function at work", lambda: world.functions.kill_one_at_work(name), 120, 0.02)
    status = world.machines.end(execution)["status"]
    world.checks.same(f"the execution, after {KILLS} kills", status, "SUCCEEDED")
    same_run(world, ours)


def redriven(world):
    """a run whose execution is stopped, and redriven"""
    ours = world.local("run", "collections", "--as-of", book.THIRD)
    name = world.names["collections-run"]
    request = {"kind": "collections", "as_of": book.THIRD}
    execution = world.machines.start("collections-run", request)
    wait("portions", lambda: world.machines.planned(ours["run_key"]))
    wait("a function at work", lambda: world.functions.kill_one_at_work(name), 120, 0.02)
    world.machines.client.stop_execution(executionArn=execution)
    status = world.machines.end(execution)["status"]
    world.checks.same("the execution that is stopped", status, "ABORTED")
    unfinished = world.aws("runs", "show", ours["run_key"])["status"]
    world.checks.that("the run has not finished", unfinished != "finished", unfinished)
    summary = world.machines.redrive("collections-run", execution)
    world.checks.same("the run, redriven", summary["status"], "finished")
    same_run(world, ours)


def delinquency(world):
    """a delinquency run that somebody asks for on the bus"""
    ours = world.local("run", "delinquency", "--as-of", book.THIRD)
    before = set(world.machines.executions("collections-run"))
    world.ask_for({"kind": "delinquency", "as_of": book.THIRD})

    def started():
        return set(world.machines.executions("collections-run")) - before

    (execution,) = wait("an execution by the rule", started)
    world.checks.same("the execution", world.machines.end(execution)["status"], "SUCCEEDED")
    same_run(world, ours)


def export(world):
    """an export run, and its file"""
    ours = world.local("run", "export", "--setup", "NORTHSTAR", "--as-of", book.THIRD)
    request = {"kind": "export", "export_setup": "NORTHSTAR", "as_of": book.THIRD}
    status, _ = world.machines.run("export-run", request)
    world.checks.same("the execution", status, "SUCCEEDED")
    same_run(world, ours)
    same_files(world, "export/northstar", (".csv",))


def payment(world):
    """a payment collection run, and the file for the bank"""
    run = ["run", "payment", "--profile", "DD-EUR", "--base-date", book.THIRD]
    ours = world.local(*run)
    request = {"kind": "payment", "payment_profile": "DD-EUR", "as_of": book.THIRD}
    status, _ = world.machines.run("payment-run", request | {"mode": "collect"})
    world.checks.same("the execution", status, "SUCCEEDED")
    same_run(world, ours)
    world.checks.same("payments", ours["payment"]["sums"]["payments"], book.WITH_MANDATE)
    same_files(world, "payment/DD-EUR", (".jsonl",))


def same_run(world, ours):
    """A run on AWS must come to what it came to on this machine."""
    theirs = world.aws("runs", "show", ours["run_key"])
    world.checks.same(f"what {ours['run_key']} comes to", outcome(theirs), outcome(ours))


def same_files(world, prefix, suffixes):
    """The files of a run must be the same, but for when they were made."""
    listed = [it["key"] for it in world.local("files", "list", prefix)]
    there = [it["key"] for it in world.aws("files", "list", prefix)]
    world.checks.same(f"files below {prefix}", there, listed)
    compared = [key for key in listed if key.endswith(suffixes)]
    world.checks.that(f"files of {suffixes} are among them", compared, listed)
    for key in compared:
        ours, theirs = (timeless(it.file(key, world.folder)) for it in [world.local, world.aws])
        world.checks.that(f"{key} is the same", theirs == ours, (theirs[:500], ours[:500]))


def timeless(content):
    """A file without the moment at which it was made."""
    return re.sub(rb'"created_at":"[^"]*"', b"", content)


PARTS = [a_book, collections, again, killed, redriven, delinquency, export, payment]
