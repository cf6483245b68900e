#include "template.h"

#define HINT "write {{contact.name}} or {{contact.name | else \"customer\"}}"

// The facts that a text may hold.
#define FACTS "contact.name, account.balance, agency.name"

static bool is_text_fact(Text name) {
    return equal(name, L("contact.name")) || equal(name, L("account.balance")) ||
           equal(name, L("agency.name"));
}

// What stands between quotes after `else`; false if anything else does.
static bool parse_default(Text filter, Text *otherwise) {
    filter = trim(filter);
    if (filter.len < 4 || !equal(slice(filter, 0, 4), L("else"))) {
        return false;
    }
    Text quoted = trim(slice(filter, 4, filter.len));
    if (quoted.len < 2 || quoted.ptr[0] != '"' || quoted.ptr[quoted.len - 1] != '"') {
        return false;
    }
    *otherwise = slice(quoted, 1, quoted.len - 1);
    return find(*otherwise, L("\""), 0) == otherwise->len;
}

// The name of a fact and its default, from what stands between the braces.
static bool parse_fact(Text inside, Text pointer, Piece *piece, Fault *fault) {
    size_t bar = find(inside, L("|"), 0);
    piece->name = trim(slice(inside, 0, bar));
    piece->has_default = bar < inside.len;
    if (!is_text_fact(piece->name)) {
        *fault = mistake("unknown-fact", JOIN(pointer, L(": \""), piece->name,
                                              L("\" is no fact that a text may hold; "
                                                "these are: " FACTS)));
        return false;
    }
    if (piece->has_default &&
        !parse_default(slice(inside, bar + 1, inside.len), &piece->otherwise)) {
        *fault = mistake("bad-template",
                         JOIN(pointer, L(": after \"|\" only `else \"some text\"` may stand; " HINT)));
        return false;
    }
    return true;
}

bool parse_template(Text text, Text pointer, Template *parsed, Fault *fault) {
    size_t room = 0;
    for (size_t at = 0; at < text.len; at = find(text, L("{{"), at) + 2) {
        room++;
    }
    *parsed = (Template){.pointer = pointer, .pieces = memory(room * sizeof(Piece))};
    size_t start = 0;
    for (;;) {
        size_t open = find(text, L("{{"), start);
        if (open == text.len) {
            parsed->end = slice(text, start, text.len);
            return true;
        }
        size_t close = find(text, L("}}"), open + 2);
        if (close == text.len) {
            *fault = mistake("bad-template",
                             JOIN(pointer, L(": a \"{{\" is not closed by \"}}\"; " HINT)));
            return false;
        }
        Piece *piece = &parsed->pieces[parsed->count++];
        piece->literal = slice(text, start, open);
        if (!parse_fact(slice(text, open + 2, close), pointer, piece, fault)) {
            return false;
        }
        start = close + 2;
    }
}

bool fill(const Template *template, Facts facts, Text *text, Text *missing) {
    Text *parts = memory((2 * template->count + 1) * sizeof(Text));
    size_t count = 0;
    for (size_t i = 0; i < template->count; i++) {
        const Piece *piece = &template->pieces[i];
        Text value = fact(facts, piece->name);
        if (value.len == 0 && !piece->has_default) {
            *missing = piece->name;
            return false;
        }
        parts[count++] = piece->literal;
        parts[count++] = value.len > 0 ? value : piece->otherwise;
    }
    parts[count++] = template->end;
    *text = join(parts, count);
    return true;
}

Text fact(Facts facts, Text name) {
    for (size_t i = 0; i < facts.len; i++) {
        if (equal(facts.ptr[i].f0, name)) {
            return facts.ptr[i].f1;
        }
    }
    return L("");
}
