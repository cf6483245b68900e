// Faults: why something was refused, for a person who has to mend it.

#ifndef FAULT_H
#define FAULT_H

#include "text.h"

typedef arrears_action_types_fault_t Fault;

// A mistake in the agency's setup.
static inline Fault mistake(const char *code, Text message) {
    Fault fault = {.cause = ARREARS_ACTION_TYPES_CAUSE_CONFIG, .message = message};
    plugin_string_dup(&fault.code, code);
    return fault;
}

// Something on the account that a clerk has to mend.
static inline Fault bad_data(const char *code, Text message) {
    Fault fault = mistake(code, message);
    fault.cause = ARREARS_ACTION_TYPES_CAUSE_DATA;
    return fault;
}

#endif
