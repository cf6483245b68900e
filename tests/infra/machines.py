"""The state machines: executions, and what redrives one that has failed."""

import json
import uuid

from checks import wait


class Machines:
    """Starts executions of the state machines and follows them."""

    def __init__(self, client, arns, files, bucket, functions, names):
        self.client = client
        self.arns = arns
        self.files = files
        self.bucket = bucket
        self.functions = functions
        self.names = names

    def start(self, machine, request):
        """Starts an execution, as an operator or a schedule does."""
        answer = self.client.start_execution(
            stateMachineArn=self.arns[machine], name=str(uuid.uuid4()), input=json.dumps(request)
        )
        return answer["executionArn"]

    def end(self, execution, limit_s=300):
        """Waits for the end of an execution, and gives what describes it."""

        def ended():
            described = self.client.describe_execution(executionArn=execution)
            return described if described["status"] != "RUNNING" else None

        return wait(f"the end of {execution}", ended, limit_s)

    def run(self, machine, request):
        """An execution from its start to its end: its state, and what it gives."""
        described = self.end(self.start(machine, request))
        return described["status"], json.loads(described.get("output") or "null")

    def executions(self, machine):
        """All executions of a machine."""
        listed = self.client.list_executions(stateMachineArn=self.arns[machine])
        return [it["executionArn"] for it in listed["executions"]]

    def planned(self, run_key):
        """Whether a run is cut into portions."""
        prefix = f"default/runs/{run_key}/portions"
        return self.files.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents")

    def ask(self, machine, payload):
        """Asks the function of a machine for a step."""
        answer, has_failed = self.functions.invoke(self.names[machine], json.dumps(payload))
        if has_failed:
            raise RuntimeError(f"{machine}: {answer.decode()}")
        return json.loads(answer)

    def redrive(self, machine, execution):
        """What a redrive does: the children of the map that have not succeeded start
        anew with their own input, and then comes the rest. moto knows no redrive.

        All children are taken here for ones that have not succeeded, which is more
        than AWS would repeat, and must change nothing either.
        """
        described = self.client.describe_execution(executionArn=execution)
        request = json.loads(described["input"])
        plan = {"step": "plan", "execution": execution, "request": request}
        planned = self.ask(machine, plan)
        bucket, key = planned["items"]["bucket"], planned["items"]["key"]
        portions = self.files.get_object(Bucket=bucket, Key=key)["Body"]
        for portion in json.load(portions):
            worked = {"cursor": None, "done": False}
            while not worked["done"]:
                work = {"step": "work", "portion": portion, "cursor": worked["cursor"]}
                worked = self.ask(machine, work)
        finish = {"step": "finish", "execution": execution, "run_key": planned["run_key"]}
        return self.ask(machine, finish)
