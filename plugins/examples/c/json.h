// JSON: reads settings and quotes texts.

#ifndef JSON_H
#define JSON_H

#include "text.h"

typedef enum { JSON_TEXT, JSON_LIST, JSON_OBJECT } JsonKind;

// A value. Settings of this action hold texts, lists and objects, and nothing
// else.
typedef struct Json {
    JsonKind kind;
    // A text without its quotes and escapes.
    Text text;
    // What is in a list or an object, and how many.
    struct Json *items;
    size_t count;
    // Its name, in an object.
    Text name;
} Json;

// Reads a document. The host has checked it; what is no JSON traps.
Json parse_json(Text document);

// What an object has under a name; NULL if nothing.
const Json *member(const Json *object, Text name);

// A text between quotes, escaped where it must be and nowhere else.
Text quoted(Text text);

#endif
