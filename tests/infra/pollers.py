"""What Lambda does between a queue and a function: it asks for messages, calls the
function with a batch of them, and deletes those that the function has not failed."""

import json
import threading
import traceback

import stand_in

# How long a poller waits when a queue is empty.
IDLE_S = 0.2


class Pollers:
    """A thread for each mapping of a queue to a function, for as long as it exists."""

    def __init__(self, invoke):
        self.invoke = invoke
        self.stopped = threading.Event()
        self.threads = {}
        self.failures = []
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def watch(self):
        """Starts a poller for each mapping that Terraform makes."""
        from moto.awslambda_simple.models import lambda_simple_backends

        backend = lambda_simple_backends[stand_in.ACCOUNT][stand_in.REGION]
        while not self.stopped.wait(IDLE_S):
            for uuid, mapping in list(backend._event_source_mappings.items()):
                if uuid not in self.threads:
                    poll = threading.Thread(
                        target=self.poll, args=(backend, uuid, mapping), daemon=True
                    )
                    self.threads[uuid] = poll
                    poll.start()

    def poll(self, backend, uuid, mapping):
        """Asks the queue of a mapping again and again."""
        while uuid in backend._event_source_mappings and not self.stopped.wait(IDLE_S):
            try:
                self.batch(mapping)
            except Exception:
                # It is told at the end; the messages come again.
                self.failures.append(traceback.format_exc())

    def batch(self, mapping):
        """Takes a batch of messages to the function."""
        from moto.sqs.models import sqs_backends

        queues = sqs_backends[stand_in.ACCOUNT][stand_in.REGION]
        queue = queues.get_queue(mapping.event_source_arn.split(":")[-1])
        messages = queues.receive_message(
            queue.name, mapping.batch_size, 0, queue.visibility_timeout
        )
        if not messages:
            return
        event = {"Records": [record(it, mapping.event_source_arn) for it in messages]}
        name = stand_in.name_of(mapping.function_arn)
        payload, has_failed = self.invoke(name, json.dumps(event))
        failed = {it.id for it in messages}
        if not has_failed:
            answer = json.loads(payload) or {}
            failed = {it["itemIdentifier"] for it in answer.get("batchItemFailures", [])}
        for message in messages:
            if message.id in failed:
                # Lambda leaves it until it is visible again, after minutes.
                queues.change_message_visibility(queue.name, message.receipt_handle, 1)
            else:
                queues.delete_message(queue.name, message.receipt_handle)

    def stop(self):
        """Ends the pollers after what they have in hand."""
        self.stopped.set()
        self.watcher.join(timeout=30)
        for poller in self.threads.values():
            poller.join(timeout=30)


def record(message, queue_arn):
    """A message as a function is given it."""
    trace = message.system_attributes.get("AWSTraceHeader") if message.system_attributes else None
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if trace:
        attributes["AWSTraceHeader"] = trace.get("string_value", "")
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": stand_in.REGION,
    }
