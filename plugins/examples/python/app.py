"""The action `acme:sms-reminder`: reminds a contact by SMS of what is owed.

At most one reminder a week goes to a contact, in the contact's language, and
none in quiet hours or on quiet days. A plugin sends nothing itself: it returns
a `custom` effect, and the gateway that delivers those sends the message.

`componentize-py` runs this module once when the component is built; what it
sets up here is there in each call. `wit/` says what the types mean.
"""

import json
import re
from datetime import date, timedelta
from pathlib import Path

from componentize_py_types import Err
from template import Broken, MissingFact, Template
from wit_world import exports
from wit_world.imports import log
from wit_world.imports.types import (
    Cause,
    Configuration,
    Context,
    Custom,
    Decision,
    Descriptor,
    Effect_Custom,
    EffectKind,
    Fault,
    Subject,
    Verdict,
    Verdict_Apply,
    Verdict_Fail,
    Verdict_Skip,
)

# There are no files in a call: the schema is read when the component is built.
CONFIG_SCHEMA = Path(__file__).with_name("config-schema.json").read_text(encoding="utf-8")

# What three SMS in one hold.
TEXT_CHARACTERS_MAX = 459
# What a message shows of a value.
SHOWN_CHARACTERS_MAX = 40
# Days that must lie between two reminders.
DAYS_BETWEEN = 7

TEXT_FACTS = ["contact.name", "account.balance", "agency.name"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MOBILE = re.compile(r"\+[0-9]{8,15}")
# What no gateway sends: control characters, but for tabs and ends of lines.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Action(exports.Action):
    """What the component exports."""

    def describe(self) -> Descriptor:
        return Descriptor(
            id="acme-sms-reminder",
            version="0.1.0",
            summary="Reminds the contact by SMS, at most once a week and never in quiet hours",
            actions=["acme:sms-reminder"],
            config_schema=CONFIG_SCHEMA,
            facts_needed=[
                "contact.attributes.mobile",
                "contact.attributes.language",
                "contact.attributes.sms_last_on",
                *TEXT_FACTS,
            ],
            effects_used=[EffectKind.CUSTOM],
            max_batch=1_000,
            fuel_per_item=3_000_000,
        )

    def check_config(self, config: Configuration) -> None:
        with Logged():
            Plan(config)

    def perform(self, ctx: Context, config: Configuration, batch: list[Subject]) -> list[Decision]:
        with Logged():
            plan = Plan(config)
            today = parse_date(ctx.as_of)
            if today is None:
                raise Err(Fault(Cause.UNSUPPORTED, "bad-date", f'there is no date "{ctx.as_of}"'))
            return [Decision(subject.key, plan.decide(today, subject)) for subject in batch]


class Logged:
    """Sends the text of an exception to the operator, who else sees a bare trap."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, trace) -> None:
        if error is None or isinstance(error, Err):
            return
        # The module `traceback` would read the sources, and there are no files.
        lines = [f"{kind.__name__}: {error}"]
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"{code.co_name} at {code.co_filename}:{trace.tb_lineno}")
            trace = trace.tb_next
        log.write(log.Level.ERROR, "\n".join(lines))


class Plan:
    """A config, checked and made ready for a batch."""

    def __init__(self, config: Configuration):
        settings = json.loads(config.settings)
        self.not_before: str = settings["from"]
        self.not_after: str = settings["until"]
        self.default_language: str = settings["default_language"]
        self.quiet_days = {WEEKDAYS.index(day) for day in settings.get("quiet_days", [])}
        self._check(settings["texts"])
        self.texts = {tag: template(tag, text) for tag, text in sorted(settings["texts"].items())}

    def _check(self, texts: dict[str, str]) -> None:
        """Finds what the schema cannot say."""
        if self.not_after <= self.not_before:
            raise mistake(
                "quiet-hours",
                f"/until: {self.not_after} is not later than /from, which is {self.not_before}; "
                "give a later time",
            )
        if len(self.quiet_days) == len(WEEKDAYS):
            raise mistake(
                "no-day",
                "/quiet_days: all days of the week are quiet, and no reminder could ever be sent; "
                "leave one out",
            )
        if self.default_language not in texts:
            raise mistake(
                "no-text",
                f'/default_language: there is no text for "{self.default_language}" in /texts; '
                f"add it, or name one of: {', '.join(sorted(texts))}",
            )

    def decide(self, today: date, subject: Subject) -> Verdict:
        """Decides for one subject."""
        # A fact that is empty is as good as none.
        facts = {name: value for name, value in subject.facts if value}
        mobile = facts.get("contact.attributes.mobile")
        if mobile is None:
            return Verdict_Skip("the contact has no mobile number")
        if not MOBILE.fullmatch(mobile):
            return bad_data(
                "mobile",
                f'account {subject.account}: contact.attributes.mobile is "{shown(mobile)}", which '
                'is no international number; write it as "+15551230001"',
            )
        last_on = facts.get("contact.attributes.sms_last_on")
        if last_on is not None:
            last = parse_date(last_on)
            if last is None:
                return bad_data(
                    "sms-last-on",
                    f"account {subject.account}: contact.attributes.sms_last_on is "
                    f'"{shown(last_on)}", which is no date; write it as "2026-11-18"',
                )
            if (today - last).days < DAYS_BETWEEN:
                return Verdict_Skip(f"the last reminder was sent on {last_on}: at most one a week")
        return self._remind(today, subject, facts, mobile)

    def _remind(
        self, today: date, subject: Subject, facts: dict[str, str], mobile: str
    ) -> Verdict:
        """The reminder, if its text can be made."""
        language = self._language(facts.get("contact.attributes.language", ""))
        try:
            text = self.texts[language].fill(facts)
        except MissingFact as missing:
            return bad_data(
                "missing-fact",
                f"account {subject.account}: /texts/{language} needs {missing.name}, which the "
                "record does not have; fill it in, or give a default: "
                f'{{{{{missing.name} | else "some text"}}}}',
            )
        if CONTROL.search(text):
            return bad_data(
                "control-character",
                f"account {subject.account}: /texts/{language} would hold a control character; "
                "correct the facts that it names",
            )
        if len(text) > TEXT_CHARACTERS_MAX:
            return bad_data(
                "text-too-long",
                f"account {subject.account}: /texts/{language} would be {len(text)} characters "
                f"long with this record's facts; at most {TEXT_CHARACTERS_MAX} are possible",
            )
        send_on = self._send_on(today)
        body = {
            "to": mobile,
            "language": language,
            "text": text,
            "send_on": str(send_on),
            "not_before": self.not_before,
            "not_after": self.not_after,
            # The gateway sends one message for it, whatever comes twice.
            "once": f"{subject.account}/{iso_week(send_on)}",
        }
        document = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return Verdict_Apply([Effect_Custom(Custom("acme-sms-reminder/sms", 1, document))])

    def _language(self, wanted: str) -> str:
        """The contact's language, or the one that it is a variant of, or the default."""
        for tag in [wanted, wanted.partition("-")[0]]:
            if tag in self.texts:
                return tag
        return self.default_language

    def _send_on(self, today: date) -> date:
        """Today, or the next day that is not quiet."""
        while today.weekday() in self.quiet_days:
            today += timedelta(days=1)
        return today


def shown(value: str) -> str:
    """A value as a message shows it: a long one by how it begins."""
    if len(value) <= SHOWN_CHARACTERS_MAX:
        return value
    return f"{value[:SHOWN_CHARACTERS_MAX]}..."


def template(tag: str, text: str) -> Template:
    """A text of the config, cut at its facts."""
    try:
        return Template(text, TEXT_FACTS)
    except Broken as broken:
        raise mistake(broken.code, f"/texts/{tag}: {broken}") from broken


def parse_date(text: str) -> date | None:
    """Reads "2026-11-21". `fromisoformat` alone also takes other forms."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if str(day) == text else None


def iso_week(day: date) -> str:
    """ "2026-W48": the week of ISO 8601, whose year may be another than the day's."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def mistake(code: str, message: str) -> Err:
    """A mistake in the agency's setup."""
    return Err(Fault(Cause.CONFIG, code, message))


def bad_data(code: str, message: str) -> Verdict:
    """Something on the account that a clerk has to mend."""
    return Verdict_Fail(Fault(Cause.DATA, code, message))
