// The action `acme:sms-reminder`: reminds a contact by SMS of what is owed.
//
// At most one reminder a week goes to a contact, in the contact's language, and
// none in quiet hours or on quiet days. A plugin sends nothing itself: it
// returns a `custom` effect, and the gateway that delivers those sends the
// message.
//
// `plugin.h` and `config_schema.h` are made of `wit/` and `config-schema.json`
// when the component is built.

#include "calendar.h"
#include "config_schema.h"
#include "json.h"
#include "plan.h"

typedef arrears_action_types_subject_t Subject;
typedef arrears_action_types_verdict_t Verdict;

// What three SMS in one hold.
enum { TEXT_CHARACTERS_MAX = 459 };
// Days that must lie between two reminders.
enum { DAYS_BETWEEN = 7 };

// A list of texts in memory of its own.
static plugin_list_string_t list(const char *const *texts, size_t count) {
    plugin_list_string_t copy = {memory(count * sizeof(Text)), count};
    for (size_t i = 0; i < count; i++) {
        plugin_string_dup(&copy.ptr[i], texts[i]);
    }
    return copy;
}

void exports_arrears_action_action_describe(arrears_action_types_descriptor_t *descriptor) {
    static const char *const actions[] = {"acme:sms-reminder"};
    static const char *const facts[] = {
        "contact.attributes.mobile",
        "contact.attributes.language",
        "contact.attributes.sms_last_on",
        "contact.name",
        "account.balance",
        "agency.name",
    };
    plugin_string_dup(&descriptor->id, "acme-sms-reminder");
    plugin_string_dup(&descriptor->version, "0.1.0");
    plugin_string_dup(&descriptor->summary,
                      "Reminds the contact by SMS, at most once a week and never in quiet hours");
    descriptor->actions = list(actions, sizeof actions / sizeof *actions);
    plugin_string_dup(&descriptor->config_schema, CONFIG_SCHEMA);
    descriptor->facts_needed = list(facts, sizeof facts / sizeof *facts);
    descriptor->effects_used.ptr = memory(1);
    descriptor->effects_used.ptr[0] = ARREARS_ACTION_TYPES_EFFECT_KIND_CUSTOM;
    descriptor->effects_used.len = 1;
    descriptor->max_batch = 1000;
    descriptor->fuel_per_item = 200000;
}

bool exports_arrears_action_action_check_config(arrears_action_types_configuration_t *config,
                                                Fault *fault) {
    Plan plan;
    return make_plan(config->settings, &plan, fault);
}

static Verdict skip(Text reason) {
    return (Verdict){.tag = ARREARS_ACTION_TYPES_VERDICT_SKIP, .val.skip = reason};
}

static Verdict fail(const char *code, Text message) {
    return (Verdict){.tag = ARREARS_ACTION_TYPES_VERDICT_FAIL,
                     .val.fail = bad_data(code, message)};
}

// One effect for the gateway.
static Verdict send(Text body) {
    arrears_action_types_effect_t *effect = memory(sizeof *effect);
    effect->tag = ARREARS_ACTION_TYPES_EFFECT_CUSTOM;
    plugin_string_dup(&effect->val.custom.kind, "acme-sms-reminder/sms");
    effect->val.custom.schema_version = 1;
    effect->val.custom.body = body;
    return (Verdict){.tag = ARREARS_ACTION_TYPES_VERDICT_APPLY, .val.apply = {effect, 1}};
}

// "+" and 8 to 15 digits.
static bool is_mobile(Text text) {
    if (text.len < 9 || text.len > 16 || text.ptr[0] != '+') {
        return false;
    }
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

// The contact's language, or the one that it is a variant of, or the default.
static size_t language_of(const Plan *plan, Facts facts) {
    Text wanted = fact(facts, L("contact.attributes.language"));
    size_t language;
    if (find_language(plan, wanted, &language) ||
        find_language(plan, slice(wanted, 0, find(wanted, L("-"), 0)), &language)) {
        return language;
    }
    return plan->default_language;
}

// Today, or the next day that is not quiet.
static Day send_on(const Plan *plan, Day today) {
    while (plan->quiet[weekday(today)]) {
        today++;
    }
    return today;
}

static Text body(const Plan *plan, Day today, const Subject *subject, Text tag, Text text) {
    Day day = send_on(plan, today);
    return JOIN(L("{\"to\":"), quoted(fact(subject->facts, L("contact.attributes.mobile"))),
                L(",\"language\":"), quoted(tag), L(",\"text\":"), quoted(text),
                L(",\"send_on\":"), quoted(day_text(day)), L(",\"not_before\":"),
                quoted(plan->from), L(",\"not_after\":"), quoted(plan->until),
                // The gateway sends one message for it, whatever comes twice.
                L(",\"once\":"), quoted(JOIN(subject->account, L("/"), iso_week(day))), L("}"));
}

// The reminder, if its text can be made.
static Verdict remind(const Plan *plan, Day today, const Subject *subject) {
    size_t language = language_of(plan, subject->facts);
    const Template *template = &plan->languages[language].text;
    Text text, missing;
    if (!fill(template, subject->facts, &text, &missing)) {
        return fail("missing-fact",
                    JOIN(L("account "), subject->account, L(": "), template->pointer, L(" needs "),
                         missing,
                         L(", which the record does not have; fill it in, or give a default: {{"),
                         missing, L(" | else \"some text\"}}")));
    }
    if (has_control(text)) {
        return fail("control-character",
                    JOIN(L("account "), subject->account, L(": "), template->pointer,
                         L(" would hold a control character; correct the facts that it names")));
    }
    if (characters(text) > TEXT_CHARACTERS_MAX) {
        return fail("text-too-long",
                    JOIN(L("account "), subject->account, L(": "), template->pointer,
                         L(" would be "), number(characters(text), 1),
                         L(" characters long with this record's facts; at most "),
                         number(TEXT_CHARACTERS_MAX, 1), L(" are possible")));
    }
    return send(body(plan, today, subject, plan->languages[language].tag, text));
}

// Decides for one subject.
static Verdict decide(const Plan *plan, Day today, const Subject *subject) {
    Text mobile = fact(subject->facts, L("contact.attributes.mobile"));
    if (mobile.len == 0) {
        return skip(JOIN(L("the contact has no mobile number")));
    }
    if (!is_mobile(mobile)) {
        return fail("mobile", JOIN(L("account "), subject->account,
                                   L(": contact.attributes.mobile is \""), shown(mobile),
                                   L("\", which is no international number; "
                                     "write it as \"+15551230001\"")));
    }
    Text last_on = fact(subject->facts, L("contact.attributes.sms_last_on"));
    Day last;
    if (last_on.len > 0 && !parse_day(last_on, &last)) {
        return fail("sms-last-on",
                    JOIN(L("account "), subject->account,
                         L(": contact.attributes.sms_last_on is \""), shown(last_on),
                         L("\", which is no date; write it as \"2026-11-18\"")));
    }
    if (last_on.len > 0 && today - last < DAYS_BETWEEN) {
        return skip(JOIN(L("the last reminder was sent on "), last_on, L(": at most one a week")));
    }
    return remind(plan, today, subject);
}

bool exports_arrears_action_action_perform(
    arrears_action_types_context_t *context, arrears_action_types_configuration_t *config,
    exports_arrears_action_action_list_subject_t *batch,
    exports_arrears_action_action_list_decision_t *decisions, Fault *fault) {
    Plan plan;
    Day today;
    if (!make_plan(config->settings, &plan, fault)) {
        return false;
    }
    if (!parse_day(context->as_of, &today)) {
        *fault = mistake("bad-date", JOIN(L("there is no date \""), context->as_of, L("\"")));
        fault->cause = ARREARS_ACTION_TYPES_CAUSE_UNSUPPORTED;
        return false;
    }
    decisions->ptr = memory(batch->len * sizeof *decisions->ptr);
    decisions->len = batch->len;
    for (size_t i = 0; i < batch->len; i++) {
        decisions->ptr[i].key = batch->ptr[i].key;
        decisions->ptr[i].verdict = decide(&plan, today, &batch->ptr[i]);
    }
    return true;
}
