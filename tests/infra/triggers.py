"""What starts something: the bus, the queues, files that come in, schedules."""

import csv
import io
import json
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from checks import wait

SOURCE = "/billing"

# Payments of the first payment collection run, as the bank knows them.
FIRST_PAYMENT = "P000001-0000001"
SECOND_PAYMENT = "P000001-0000002"


def paid(world):
    """a payment by way of bus, queue and function"""
    event = posted("PAY-1", "A-000", "40.00")
    apply_here(world, [event])
    world.publish(event)
    wait("the payment", lambda: owed(world.aws, "A-000") == owed(world.local, "A-000"))
    world.checks.that("the payment is applied", True)
    # The same again, and then one that shows that the first repetition has been through.
    after = posted("PAY-2", "A-001", "40.00")
    apply_here(world, [after])
    world.publish(event)
    world.publish(after)
    wait("the next payment", lambda: owed(world.aws, "A-001") == owed(world.local, "A-001"))
    same_debt(world, "a payment that comes twice counts once", "A-000")


def parked(world):
    """events that cannot be applied are kept with the reason"""
    stranger = posted("PAY-3", "NOBODY", "1.00")
    foreign = posted("PAY-4", "A-002", "1.00") | {"agency": "elsewhere"}
    unknown = posted("PAY-5", "A-002", "1.00") | {"type": "arrears.payment.imagined"}
    for event in [stranger, foreign, unknown]:
        world.publish(event)
    queue = world.outputs["queue_urls"]["account-events"]
    world.sqs.send_message(QueueUrl=queue, MessageBody="no JSON")

    def kept():
        letters = world.aws("events", "dead-letters")
        return letters if len(letters) >= 4 else None

    letters = wait("four dead letters", kept)
    world.checks.same("dead letters", len(letters), 4)
    codes = json.dumps(letters)
    world.checks.that("one is another agency's", "OTHER_AGENCY" in codes, codes)
    same_debt(world, "what another agency's event leaves alone", "A-002")
    wait("an empty queue", lambda: world.waiting(queue) == 0)


def unknown_kind(world):
    """a request for a run of no kind is not lost"""
    rules = world.outputs["dead_letter_queue_urls"]["rules"]
    before = world.waiting(rules)
    world.ask_for({"kind": "dance"})
    wait("a dead letter of the rules", lambda: world.waiting(rules) == before + 1)
    world.checks.that("it is among the dead letters of the rules", True)


def placements(world):
    """the answers of a collection agency come in as a file"""
    lines = [
        ["Reference", "Account", "Status", "Amount", "Currency", "Date"],
        ["R-1", "A-003", "acknowledged", "", "", "2026-02-20"],
        ["R-2", "A-004", "partial-payment", "20.00", "USD", "2026-02-20"],
    ]
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    path = world.folder / "placements.csv"
    path.write_text(text.getvalue())
    world.local("placement", "import", path, "--collection-agency", "NORTHSTAR")
    world.put("incoming/placements/NORTHSTAR/answers.csv", path.read_bytes())
    answers = "incoming-answers/placements/NORTHSTAR/answers.csv"
    wait("the answers", lambda: world.names_of(answers))
    same_debt(world, "a part is paid", "A-004")


def returned(world):
    """a debit that a bank returns comes in as a file"""
    path = world.folder / "status.xml"
    path.write_text(status_report(FIRST_PAYMENT))
    import_return = ["payment", "import-return", path, "--format", "pain.002"]
    world.checks.same("returns", world.local(*import_return)["returns"], 1)
    world.put("incoming/returns/status.xml", path.read_bytes())
    wait("what became of it", lambda: world.names_of("incoming-answers/returns/status.xml"))
    same_debt(world, "what E-0 owes", "E-0")


def spoiled(world):
    """a file that cannot be read is answered, and what cannot be tried again is redriven"""
    dead = world.outputs["dead_letter_queue_urls"]["return-files"]
    queue = world.outputs["queue_urls"]["return-files"]
    world.put("incoming/returns/later.xml", b"<Document><x>")
    answers = "incoming-answers/returns/later.xml."
    wait("the answer to a spoiled file", lambda: world.names_of(answers))
    (refused,) = world.names_of(answers)
    world.checks.that("it is refused", refused.endswith(".refused.txt"), refused)
    # Somebody mends the file, and puts it under the same name.
    path = world.folder / "later.xml"
    path.write_text(status_report(SECOND_PAYMENT))
    world.local("payment", "import-return", path, "--format", "pain.002")
    world.put("incoming/returns/later.xml", path.read_bytes())
    wait("an answer of its own", lambda: len(world.names_of(answers)) == 2)
    # A notice of a file that is not there yet, until nobody tries any more.
    key = f"{world.agency}/incoming/returns/soon.xml"
    notice = {"Records": [{"s3": {"object": {"key": key, "size": 1}}}]}
    world.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(notice))
    wait("a dead letter of return-files", lambda: world.waiting(dead) == 1)
    world.put("incoming/returns/soon.xml", path.read_bytes())
    wait("what became of it", lambda: world.names_of("incoming-answers/returns/soon.xml."))
    # What is in the list of dead letters is as wrong as it was: that is told by 1.
    world.aws("events", "redrive", "--all", exits=[1])
    wait("no dead letter", lambda: world.waiting(dead) == 0)
    wait("an empty queue", lambda: world.waiting(queue) == 0)
    world.checks.same("dead letters of return-files", world.waiting(dead), 0)
    for account in ["E-0", "E-1", "E-2"]:
        same_debt(world, f"what {account} owes", account)
    same_debt(world, "what another agency's event leaves alone, redriven", "A-002")


def scheduled(world):
    """an export at a time is a schedule, which can be called off"""
    world.aws("run", "export", "--setup", "NORTHSTAR", "--at", "2099-01-01T06:00")
    group = world.schedule_group
    listed = world.scheduler.list_schedules(GroupName=group)["Schedules"]
    once = [it["Name"] for it in listed if "schedule-" in it["Name"]]
    world.checks.same("schedules for one moment", len(once), 1)
    described = world.scheduler.get_schedule(GroupName=group, Name=once[0])
    local = datetime.strptime(described["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)")
    when = local.replace(tzinfo=ZoneInfo(described["ScheduleExpressionTimezone"]))
    agreed = datetime(2099, 1, 1, 6, tzinfo=ZoneInfo("America/New_York"))
    world.checks.same("when", when.astimezone(timezone.utc), agreed.astimezone(timezone.utc))
    world.checks.that("it names itself", "schedule-000001" in described["Target"]["Input"])
    world.aws("schedule", "cancel", "schedule-000001")
    listed = world.scheduler.list_schedules(GroupName=group)["Schedules"]
    left = [it["Name"] for it in listed if it["Name"] in once]
    world.checks.same("schedules that are left", left, [])


def posted(name, account, amount):
    """The event of a payment."""
    data = {"amount": amount, "currency": "USD", "on": "2026-02-20"}
    return {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": "arrears.payment.posted",
        "subject": account,
        "data": data,
    }


def apply_here(world, events):
    """Applies the events to the twin."""
    path = world.folder / "events.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    world.local("events", "apply", path)


def owed(arrears, account):
    """What an account owes."""
    return arrears("account", "show", account)["account"]["balance"]


def same_debt(world, what, account):
    """An account must owe the same on both sides."""
    world.checks.same(what, owed(world.aws, account), owed(world.local, account))


def status_report(payment):
    """A bank's report of one debit that it has rejected."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-03-03T08:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>payment-000001</OrgnlMsgId>
<OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>payment-000001-sepa-core-FRST</OrgnlPmtInfId><TxInfAndSts>
<OrgnlEndToEndId>{payment}</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>
</CstmrPmtStsRpt></Document>
"""


PARTS = [paid, parked, unknown_kind, placements, returned, spoiled, scheduled]
