"""The real binaries of the functions, each behind a Runtime API of its own.

A function gets the environment that Terraform has given it, and a folder of its own
instead of its disk.
"""

import json
import os
import signal
import subprocess
import threading
import urllib.request
import zipfile
from pathlib import Path

import stand_in

# More of one function at once would only wait for the machine.
INSTANCES = 3
# A time-out of a function that works on a table of moto.
INVOCATION_S = 600


class Functions:
    """Starts a function when it is called for the first time."""

    def __init__(self, packages, binaries, folder):
        self.packages = Path(packages)
        self.binaries = Path(binaries)
        self.folder = Path(folder)
        self.endpoint = None
        self.running = {}
        self.lock = threading.Lock()

    def invoke(self, name, body):
        """Calls a function: what it says, and whether it has failed."""
        address = self.address(name)
        request = urllib.request.Request(
            f"http://{address}/2015-03-31/functions/{name}/invocations",
            data=body if isinstance(body, bytes) else body.encode(),
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=INVOCATION_S) as answer:
            return answer.read(), "x-amz-function-error" in answer.headers

    def address(self, name):
        """Where the Runtime API of a function takes invocations."""
        with self.lock:
            if name not in self.running:
                self.running[name] = self.start(name)
            return self.running[name][1]

    def start(self, name):
        """Starts the Runtime API of a function as Terraform describes it."""
        from moto.awslambda_simple.models import lambda_simple_backends

        backend = lambda_simple_backends[stand_in.ACCOUNT][stand_in.REGION]
        described = backend.get_function(name)
        variables = described.environment_vars | stand_in.CREDENTIALS
        variables["AWS_ENDPOINT_URL"] = self.endpoint
        binary = self.binaries / name.removeprefix(f"arrears-{variables['ARREARS_AGENCY']}-")
        # Of the package, which Lambda unpacks there.
        certificates = Path(variables["SSL_CERT_FILE"]).relative_to("/var/task")
        with zipfile.ZipFile(self.packages / f"{binary.name}.zip") as package:
            variables["SSL_CERT_FILE"] = package.extract(str(certificates), self.folder / name)
        variables["ARREARS_ARTIFACTS"] = str(self.folder / name / "artifacts")
        command = [self.binaries / "runtime-api", "--function", f"{name}={binary}"]
        command += ["--timeout-seconds", str(described.timeout), "--instances", str(INSTANCES)]
        command += ["--logs", self.folder / "logs"]
        for key, value in variables.items():
            command += ["--env", f"{key}={value}"]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the Runtime API of {name} has not started: see above")
        return process, json.loads(line)["address"]

    def instances(self, name):
        """The processes of a function: which, and whether they are at work."""
        if name not in self.running:
            return []
        with urllib.request.urlopen(f"http://{self.address(name)}/instances", timeout=30) as it:
            return json.load(it)

    def kill_one_at_work(self, name):
        """Ends a process of the function that is at work, if there is one."""
        for instance in self.instances(name):
            if instance["busy"]:
                os.kill(instance["pid"], signal.SIGKILL)
                return True
        return False

    def lines(self, name):
        """What the processes of a function have printed that is JSON."""
        for path in sorted((self.folder / "logs").glob(f"{name}-[0-9]*.stdout")):
            for line in path.read_text().splitlines():
                if line.startswith("{"):
                    yield json.loads(line)

    def complaints(self):
        """The last things that went wrong by the word of the functions."""
        for path in sorted((self.folder / "logs").glob("*.stdout")):
            lines = path.read_text().splitlines()
            told = [line for line in lines if '"level":"ERROR"' in line]
            yield from (f"{path.name}: {line}" for line in told[-3:])

    def stop(self):
        """Ends everything: the Runtime APIs end with their standard input."""
        for process, _ in self.running.values():
            process.stdin.close()
        for process, _ in self.running.values():
            process.wait(timeout=30)
