// The action `acme:sms-reminder`: reminds a contact by SMS of what is owed.
//
// At most one reminder a week goes to a contact, in the contact's language, and
// none in quiet hours or on quiet days. A plugin sends nothing itself: it
// returns a `custom` effect, and the gateway that delivers those sends the
// message.
//
// This module is run once when the component is built; what it sets up here is
// there in each call. `wit/` says what the types mean.

import { write } from "arrears:action/log@0.1.0";

import CONFIG_SCHEMA from "./build/config-schema.js";
import { dateText, daysBetween, isoWeek, parseDate, plusDays, weekday } from "./calendar.js";
import { Broken, MissingFact, Template } from "./template.js";

/** What three SMS in one hold. */
const TEXT_CHARACTERS_MAX = 459;
/** What a message shows of a value. */
const SHOWN_CHARACTERS_MAX = 40;
/** Days that must lie between two reminders. */
const DAYS_BETWEEN = 7;

const TEXT_FACTS = ["contact.name", "account.balance", "agency.name"];
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MOBILE = /^\+[0-9]{8,15}$/;
/** What no gateway sends: control characters, but for tabs and ends of lines. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

/** What the component exports. */
export const action = {
  describe: logged(() => ({
    id: "acme-sms-reminder",
    version: "0.1.0",
    summary: "Reminds the contact by SMS, at most once a week and never in quiet hours",
    actions: ["acme:sms-reminder"],
    configSchema: CONFIG_SCHEMA,
    factsNeeded: [
      "contact.attributes.mobile",
      "contact.attributes.language",
      "contact.attributes.sms_last_on",
      ...TEXT_FACTS,
    ],
    effectsUsed: ["custom"],
    maxBatch: 1_000,
    fuelPerItem: 10_000_000n,
  })),

  checkConfig: logged((configuration) => {
    plan(configuration);
  }),

  perform: logged((context, configuration, batch) => {
    const planned = plan(configuration);
    const today = parseDate(context.asOf);
    if (today === undefined) {
      throw fault("unsupported", "bad-date", `there is no date "${context.asOf}"`);
    }
    return batch.map((subject) => ({
      key: subject.key,
      verdict: decide(today, planned, subject),
    }));
  }),
};

/** Sends the text of an error to the operator, who else sees a bare trap. */
function logged(call) {
  return (...parameters) => {
    try {
      return call(...parameters);
    } catch (error) {
      if (error instanceof Error) write("error", `${error}\n${error.stack}`);
      throw error;
    }
  };
}

/** The config, checked and made ready for a batch. */
function plan(configuration) {
  const settings = JSON.parse(configuration.settings);
  const { from, until, default_language: defaultLanguage, quiet_days: quietDays = [] } = settings;
  const tags = Object.keys(settings.texts).sort();
  if (until <= from) {
    throw fault(
      "config",
      "quiet-hours",
      `/until: ${until} is not later than /from, which is ${from}; give a later time`,
    );
  }
  if (quietDays.length === WEEKDAYS.length) {
    throw fault(
      "config",
      "no-day",
      "/quiet_days: all days of the week are quiet, and no reminder could ever be sent; " +
        "leave one out",
    );
  }
  if (!tags.includes(defaultLanguage)) {
    throw fault(
      "config",
      "no-text",
      `/default_language: there is no text for "${defaultLanguage}" in /texts; ` +
        `add it, or name one of: ${tags.join(", ")}`,
    );
  }
  const texts = new Map(tags.map((tag) => [tag, template(tag, settings.texts[tag])]));
  return { texts, defaultLanguage, from, until, quietDays };
}

/** A text of the config, cut at its facts. */
function template(tag, text) {
  try {
    return new Template(text, TEXT_FACTS);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    throw fault("config", error.code, `/texts/${tag}: ${error.message}`);
  }
}

/** Decides for one subject. */
function decide(today, planned, subject) {
  // A fact that is empty is as good as none.
  const facts = new Map(subject.facts.filter(([, value]) => value !== ""));
  const mobile = facts.get("contact.attributes.mobile");
  if (mobile === undefined) return skip("the contact has no mobile number");
  if (!MOBILE.test(mobile)) {
    return fail(
      "mobile",
      `account ${subject.account}: contact.attributes.mobile is "${shown(mobile)}", which is ` +
        'no international number; write it as "+15551230001"',
    );
  }
  const lastOn = facts.get("contact.attributes.sms_last_on");
  if (lastOn !== undefined) {
    const last = parseDate(lastOn);
    if (last === undefined) {
      return fail(
        "sms-last-on",
        `account ${subject.account}: contact.attributes.sms_last_on is "${shown(lastOn)}", ` +
          'which is no date; write it as "2026-11-18"',
      );
    }
    if (daysBetween(last, today) < DAYS_BETWEEN) {
      return skip(`the last reminder was sent on ${lastOn}: at most one a week`);
    }
  }
  return remind(today, planned, subject, facts, mobile);
}

/** The reminder, if its text can be made. */
function remind(today, planned, subject, facts, mobile) {
  const tag = language(planned, facts.get("contact.attributes.language") ?? "");
  let text;
  try {
    text = planned.texts.get(tag).fill(facts);
  } catch (error) {
    if (!(error instanceof MissingFact)) throw error;
    return fail(
      "missing-fact",
      `account ${subject.account}: /texts/${tag} needs ${error.fact}, which the record does not ` +
        `have; fill it in, or give a default: {{${error.fact} | else "some text"}}`,
    );
  }
  if (CONTROL.test(text)) {
    return fail(
      "control-character",
      `account ${subject.account}: /texts/${tag} would hold a control character; correct the ` +
        "facts that it names",
    );
  }
  // The length of a string counts each character beyond U+FFFF twice.
  const characters = text.length > TEXT_CHARACTERS_MAX ? [...text].length : text.length;
  if (characters > TEXT_CHARACTERS_MAX) {
    return fail(
      "text-too-long",
      `account ${subject.account}: /texts/${tag} would be ${characters} characters long with ` +
        `this record's facts; at most ${TEXT_CHARACTERS_MAX} are possible`,
    );
  }
  const on = sendOn(today, planned.quietDays);
  const body = JSON.stringify({
    to: mobile,
    language: tag,
    text,
    send_on: dateText(on),
    not_before: planned.from,
    not_after: planned.until,
    // The gateway sends one message for it, whatever comes twice.
    once: `${subject.account}/${isoWeek(on)}`,
  });
  const custom = { kind: "acme-sms-reminder/sms", schemaVersion: 1, body };
  return { tag: "apply", val: [{ tag: "custom", val: custom }] };
}

/** The contact's language, or the one that it is a variant of, or the default. */
function language(planned, wanted) {
  const tags = [wanted, wanted.split("-")[0]];
  return tags.find((tag) => planned.texts.has(tag)) ?? planned.defaultLanguage;
}

/** Today, or the next day that is not quiet. */
function sendOn(today, quietDays) {
  let day = today;
  while (quietDays.includes(WEEKDAYS[weekday(day)])) day = plusDays(day, 1);
  return day;
}

/** A value as a message shows it: a long one by how it begins. */
function shown(value) {
  // A character beyond U+FFFF is two of a string's.
  const begin = [...value.slice(0, 2 * (SHOWN_CHARACTERS_MAX + 1))];
  if (begin.length <= SHOWN_CHARACTERS_MAX) return value;
  return `${begin.slice(0, SHOWN_CHARACTERS_MAX).join("")}...`;
}

function skip(reason) {
  return { tag: "skip", val: reason };
}

/** Something on the account that a clerk has to mend. */
function fail(code, message) {
  return { tag: "fail", val: fault("data", code, message) };
}

function fault(cause, code, message) {
  return { cause, code, message };
}
