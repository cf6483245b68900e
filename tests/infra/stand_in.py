"""moto as a stand-in for AWS, in this process, with what it lacks added.

Each addition says what is missing. The product knows nothing of them.
"""

import copy
import json
import logging
import os
import socket
import threading

ACCOUNT = "123456789012"
REGION = "us-east-1"

# What clients of the stand-in are given; it looks at none of it.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class StandIn:
    """A server on a free port of the loopback interface."""

    def __init__(self, invoke=None):
        """`invoke(name, body)` calls a function: it gives what it says, and whether it failed.
        Without it nothing is added: this is moto as it is."""
        port = free_port()
        # moto's own clients, those of its state machines, find the server by this.
        os.environ["MOTO_PORT"] = str(port)
        # boto3, which moto uses inside, must not find somebody's account.
        os.environ.update(CREDENTIALS)
        # Imported here: moto reads its settings when it is imported.
        from moto.core.config import default_user_config
        from moto.server import ThreadedMotoServer

        default_user_config["lambda"] = {"use_docker": False}
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        if invoke is not None:
            add_what_is_missing()
            send_invocations_to(invoke)
        self.endpoint = f"http://127.0.0.1:{port}"
        # A line for each request would hide those of the checks.
        for name in ["moto", "werkzeug"]:
            logging.getLogger(name).setLevel(logging.ERROR)
        self.server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
        self.server.start()

    def environment(self):
        """What a program needs to take the stand-in for AWS."""
        return CREDENTIALS | {"AWS_ENDPOINT_URL": self.endpoint}

    def stop(self):
        """Ends the server."""
        self.server.stop()


def free_port():
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def add_what_is_missing():
    """Everything but functions."""
    add_questions_of_terraform()
    keep_policies_of_queues()
    make_executions_repeatable()
    make_the_table_atomic()
    let_rules_start_state_machines()
    leave_queues_to_pollers()


def add_questions_of_terraform():
    """The provider asks each state machine and each budget, and moto answers 500."""
    from moto.budgets.responses import BudgetsResponse
    from moto.core.responses import ActionResult
    from moto.stepfunctions.responses import StepFunctionResponse

    def validate(self):
        # It is parsed when the machine is made; a mistake is refused then.
        return ActionResult({"result": "OK", "diagnostics": [], "truncated": False})

    def versions(self):
        return ActionResult({"stateMachineVersions": []})

    def subscribers(self):
        budgets = self.backend.budgets[self._get_param("AccountId")]
        budget = budgets[self._get_param("BudgetName")]
        asked = self._get_param("Notification")
        found = [it.subscribers for it in budget.notifications if same(it.details, asked)]
        return json.dumps({"Subscribers": found[0] if found else []})

    # Both are told apart by these, and the rest may be left out.
    def same(one, other):
        return all(one[name] == other[name] for name in ["NotificationType", "Threshold"])

    def tags(self):
        return json.dumps({"ResourceTags": []})

    BudgetsResponse.describe_subscribers_for_notification = subscribers
    BudgetsResponse.list_tags_for_resource = tags
    StepFunctionResponse.validate_state_machine_definition = validate
    StepFunctionResponse.list_state_machine_versions = versions


def keep_policies_of_queues():
    """A queue forgets who may redrive to it, and its policy when another attribute is
    set; Terraform waits for both until it is tired."""
    from moto.sqs.models import Queue

    set_attributes = Queue._set_attributes
    attributes = Queue.attributes

    def set_and_keep(self, given, now=None):
        policy = getattr(self, "policy", None)
        set_attributes(self, given, now)
        self.policy = given.get("Policy", policy)

    def all_attributes(self):
        allowed = getattr(self, "redrive_allow_policy", None)
        more = {"RedriveAllowPolicy": allowed} if allowed else {}
        return attributes.fget(self) | more

    Queue._set_attributes = set_and_keep
    Queue.attributes = property(all_attributes)


def make_executions_repeatable():
    """An execution starts from a deep copy of its machine, past executions included,
    and those hold threads, which cannot be copied: the second start is a 500."""
    from moto.stepfunctions.models import StateMachine

    def without_executions(self, memo):
        clone = copy.copy(self)
        memo[id(self)] = clone
        clone.executions = []
        return clone

    StateMachine.__deepcopy__ = without_executions


def make_the_table_atomic():
    """moto undoes a failed transaction by putting back the whole table as it was
    before, with what others have written meanwhile undone too."""
    from moto.dynamodb.responses import DynamoHandler

    one_at_a_time = threading.RLock()
    call = DynamoHandler.call_action

    def call_alone(self):
        with one_at_a_time:
            return call(self)

    DynamoHandler.call_action = call_alone


def let_rules_start_state_machines():
    """A rule whose target is a state machine is an exception, and the request a 500."""
    from moto.events.models import Rule
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    send = Rule.send_to_targets

    def send_to_all(self, event, transform_input=True):
        machines = [it for it in self.targets if ":states:" in it["Arn"]]
        if machines and self.event_pattern.matches_event(event):
            for target in machines:
                backend = stepfunctions_parser_backends[ACCOUNT][REGION]
                payload = json.dumps(at_path(event, target.get("InputPath", "$")))
                backend.start_execution(target["Arn"], f"rule-{event['id']}", payload)
        others = copy.copy(self)
        others.targets = [it for it in self.targets if it not in machines]
        send(others, event, transform_input)

    Rule.send_to_targets = send_to_all


def at_path(document, path):
    """What stands at a path of names: `$.detail.data`."""
    for name in path.split(".")[1:]:
        document = document[name]
    return document


def leave_queues_to_pollers():
    """Whoever puts a message into a queue waits for the function, which is given each
    message alone and cannot fail for one of several. `pollers.py` does it as Lambda."""
    from moto.sqs.models import Queue

    def nobody(self):
        return {}

    def ignored(self, mappings):
        pass

    Queue.lambda_event_source_mappings = property(nobody, ignored)


def send_invocations_to(invoke):
    """A function of moto's without containers answers with what it was asked."""
    from moto.awslambda_simple.models import LambdaSimpleBackend

    def invoke_real(self, function_name, qualifier, body, headers, response_headers):
        payload, has_failed = invoke(name_of(function_name), body or "{}")
        if has_failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return payload

    LambdaSimpleBackend.invoke = invoke_real


def name_of(function):
    """The name in a name, `name:alias`, or an ARN with an alias or without."""
    return function.split(":function:")[-1].split(":")[0]
