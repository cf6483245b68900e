"""The agency as it is deployed, and its twin on this machine."""

import json

import boto3

import stand_in
from command import Arrears
from machines import Machines


class World:
    """Everything that the parts of the test use."""

    def __init__(self, checks, binaries, folder, server, functions, outputs):
        self.checks = checks
        self.heard = None
        self.folder = folder
        self.functions = functions
        self.outputs = outputs
        self.names = outputs["function_names"]
        self.bucket = outputs["files_bucket"]
        self.plugins_bucket = outputs["plugins_bucket"]
        self.s3 = client("s3", server)
        self.sqs = client("sqs", server)
        self.events = client("events", server)
        self.scheduler = client("scheduler", server)
        self.machines = Machines(
            client("stepfunctions", server),
            outputs["state_machine_arns"],
            self.s3,
            self.bucket,
            functions,
            self.names,
        )
        environment = exported(outputs["environment"])
        self.agency = environment["ARREARS_AGENCY"]
        self.schedule_group = environment["ARREARS_SCHEDULE_GROUP"]
        binary = f"{binaries}/arrears"
        self.aws = Arrears(binary, server.environment() | environment)
        self.local = Arrears(binary, {}, ["--data", folder / "twin"])

    def put(self, key, content):
        """Puts a file into the bucket of files, as a partner does."""
        self.s3.put_object(Bucket=self.bucket, Key=f"{self.agency}/{key}", Body=content)

    def names_of(self, prefix):
        """The names of the files of the agency that begin so."""
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{self.agency}/{prefix}")
        return [it["Key"] for it in listed.get("Contents", [])]

    def publish(self, event):
        """Puts a CloudEvent on the bus."""
        entry = {
            "EventBusName": self.outputs["event_bus"],
            "Source": "rivertown.billing",
            "DetailType": event["type"],
            "Detail": json.dumps(event),
        }
        answer = self.events.put_events(Entries=[entry])
        if answer.get("FailedEntryCount"):
            raise RuntimeError(f"the bus has refused {event}: {answer}")

    def ask_for(self, request):
        """Asks for a run on the bus."""
        self.publish(
            {
                "specversion": "1.0",
                "id": json.dumps(request),
                "source": "/operator",
                "type": "arrears.run.requested",
                "data": request,
            }
        )

    def listen(self):
        """Has the bus tell a queue of ours when a run has finished."""
        self.heard = self.sqs.create_queue(QueueName="heard")["QueueUrl"]
        named = {"QueueUrl": self.heard, "AttributeNames": ["QueueArn"]}
        arn = self.sqs.get_queue_attributes(**named)["Attributes"]["QueueArn"]
        bus = {"EventBusName": self.outputs["event_bus"]}
        pattern = json.dumps({"detail-type": ["arrears.run.finished"]})
        self.events.put_rule(Name="heard", EventPattern=pattern, **bus)
        self.events.put_targets(Rule="heard", Targets=[{"Id": "heard", "Arn": arn}], **bus)

    def told(self):
        """What the bus has told, and no more after that."""
        bus = {"EventBusName": self.outputs["event_bus"], "Force": True}
        self.events.remove_targets(Rule="heard", Ids=["heard"], **bus)
        self.events.delete_rule(Name="heard", **bus)
        told = []
        while True:
            received = self.sqs.receive_message(QueueUrl=self.heard, MaxNumberOfMessages=10)
            if not received.get("Messages"):
                return told
            told += [json.loads(it["Body"])["detail"] for it in received["Messages"]]

    def waiting(self, queue):
        """How many messages are in a queue, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)


def client(service, server):
    """A client of the stand-in."""
    return boto3.client(service, endpoint_url=server.endpoint, region_name=stand_in.REGION)


def exported(text):
    """The variables of lines such as `export NAME='value'`."""
    pairs = (line.removeprefix("export ").split("=", 1) for line in text.splitlines())
    return {name: value.strip("'") for name, value in pairs}
