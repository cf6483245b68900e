// Texts with facts in them: `Dear {{contact.name | else "customer"}}`.
//
// A fact's name stands between double braces, and optionally a text to take
// when the record lacks the fact.

#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "fault.h"

typedef arrears_action_types_attrs_t Facts;

// Literal text, and the fact that follows it.
typedef struct {
    Text literal, name, otherwise;
    bool has_default;
} Piece;

// A text, cut at its facts.
typedef struct {
    // Where it stands in the config: "/texts/en".
    Text pointer;
    Piece *pieces;
    size_t count;
    // What stands behind the last fact.
    Text end;
} Template;

// Cuts a text at its facts; false with a fault if it is no template.
bool parse_template(Text text, Text pointer, Template *parsed, Fault *fault);

// The text with a record's facts in it; false with the name of a fact that the
// record lacks.
bool fill(const Template *template, Facts facts, Text *text, Text *missing);

// The value of a fact; empty if the record lacks it. An empty name in a message
// is as bad as a missing one.
Text fact(Facts facts, Text name);

#endif
