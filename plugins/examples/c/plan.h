// The config, checked and made ready for a batch.

#ifndef PLAN_H
#define PLAN_H

#include "template.h"

typedef struct {
    // The text in each language, by its tag, in the order of the tags.
    struct {
        Text tag;
        Template text;
    } *languages;
    size_t count;
    size_t default_language;
    Text from, until;
    bool quiet[7];
} Plan;

// Reads settings; false with a fault if there is a mistake in them that their
// schema cannot find.
bool make_plan(Text settings, Plan *plan, Fault *fault);

// The number of a language; false if there is no text in it.
bool find_language(const Plan *plan, Text tag, size_t *language);

#endif
