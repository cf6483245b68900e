#include "plan.h"

#include <string.h>

#include "json.h"

static const char *const WEEKDAYS[] = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
};

static void read_quiet_days(const Json *list, Plan *plan) {
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        Text name = list->items[i].text;
        for (int day = 0; day < 7; day++) {
            bool is_it = strlen(WEEKDAYS[day]) == name.len &&
                         memcmp(WEEKDAYS[day], name.ptr, name.len) == 0;
            plan->quiet[day] = plan->quiet[day] || is_it;
        }
    }
}

static bool has_day(const Plan *plan) {
    for (int day = 0; day < 7; day++) {
        if (!plan->quiet[day]) {
            return true;
        }
    }
    return false;
}

static void sort_by_name(Json *items, size_t count) {
    for (size_t i = 1; i < count; i++) {
        Json item = items[i];
        size_t at = i;
        for (; at > 0 && compare(items[at - 1].name, item.name) > 0; at--) {
            items[at] = items[at - 1];
        }
        items[at] = item;
    }
}

static Text tags(const Plan *plan) {
    Text all = L("");
    for (size_t i = 0; i < plan->count; i++) {
        all = JOIN(all, i > 0 ? L(", ") : L(""), plan->languages[i].tag);
    }
    return all;
}

// Finds what the schema cannot say.
static bool check(const Plan *plan, Text default_language, Fault *fault) {
    if (compare(plan->until, plan->from) <= 0) {
        *fault = mistake("quiet-hours",
                         JOIN(L("/until: "), plan->until, L(" is not later than /from, which is "),
                              plan->from, L("; give a later time")));
        return false;
    }
    if (!has_day(plan)) {
        *fault = mistake("no-day", JOIN(L("/quiet_days: all days of the week are quiet, and no "
                                          "reminder could ever be sent; leave one out")));
        return false;
    }
    size_t language;
    if (!find_language(plan, default_language, &language)) {
        *fault = mistake("no-text",
                         JOIN(L("/default_language: there is no text for \""), default_language,
                              L("\" in /texts; add it, or name one of: "), tags(plan)));
        return false;
    }
    return true;
}

bool make_plan(Text settings, Plan *plan, Fault *fault) {
    Json root = parse_json(settings);
    const Json *texts = member(&root, L("texts"));
    sort_by_name(texts->items, texts->count);
    *plan = (Plan){
        .languages = memory(texts->count * sizeof *plan->languages),
        .count = texts->count,
        .from = member(&root, L("from"))->text,
        .until = member(&root, L("until"))->text,
    };
    for (size_t i = 0; i < plan->count; i++) {
        plan->languages[i].tag = texts->items[i].name;
    }
    read_quiet_days(member(&root, L("quiet_days")), plan);
    Text default_language = member(&root, L("default_language"))->text;
    if (!check(plan, default_language, fault)) {
        return false;
    }
    find_language(plan, default_language, &plan->default_language);
    for (size_t i = 0; i < plan->count; i++) {
        Text pointer = JOIN(L("/texts/"), plan->languages[i].tag);
        if (!parse_template(texts->items[i].text, pointer, &plan->languages[i].text, fault)) {
            return false;
        }
    }
    return true;
}

bool find_language(const Plan *plan, Text tag, size_t *language) {
    for (size_t i = 0; i < plan->count; i++) {
        if (equal(plan->languages[i].tag, tag)) {
            *language = i;
            return true;
        }
    }
    return false;
}
