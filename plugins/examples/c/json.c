#include "json.h"

#include <string.h>

// What is left to read.
typedef struct {
    const uint8_t *next, *end;
} Reader;

static uint8_t take(Reader *reader) {
    if (reader->next == reader->end) {
        __builtin_trap();
    }
    return *reader->next++;
}

// The next byte that is no space, without taking it.
static uint8_t peek(Reader *reader) {
    while (reader->next < reader->end && strchr(" \t\r\n", *reader->next)) {
        reader->next++;
    }
    return reader->next < reader->end ? *reader->next : '\0';
}

static void expect(Reader *reader, uint8_t byte) {
    if (peek(reader) != byte) {
        __builtin_trap();
    }
    reader->next++;
}

static uint32_t hex4(Reader *reader) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t byte = take(reader) | 0x20;
        unit = unit << 4 | (byte <= '9' ? byte - '0' : byte - 'a' + 10);
    }
    return unit;
}

// The character of a \u escape, which has a second one beyond U+FFFF.
static uint32_t escaped_character(Reader *reader) {
    uint32_t unit = hex4(reader);
    if (unit < 0xD800 || unit > 0xDBFF) {
        return unit;
    }
    take(reader);
    take(reader);
    return 0x10000 + ((unit & 0x3FF) << 10) + (hex4(reader) & 0x3FF);
}

static uint8_t *put_utf8(uint8_t *to, uint32_t character) {
    if (character < 0x80) {
        *to++ = character;
        return to;
    }
    int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    *to++ = (0xFF00 >> (more + 1) & 0xFF) | character >> (6 * more);
    while (more-- > 0) {
        *to++ = 0x80 | (character >> (6 * more) & 0x3F);
    }
    return to;
}

// Bytes up to the quote that ends a text.
static size_t raw_length(Reader reader) {
    const uint8_t *start = reader.next;
    for (;;) {
        uint8_t byte = take(&reader);
        if (byte == '"') {
            return reader.next - start - 1;
        }
        if (byte == '\\') {
            take(&reader);
        }
    }
}

static Text read_text(Reader *reader) {
    static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
    expect(reader, '"');
    // An escape has at least as many bytes as what it stands for.
    uint8_t *start = memory(raw_length(*reader)), *to = start;
    for (;;) {
        uint8_t byte = take(reader);
        if (byte == '"') {
            return (Text){start, to - start};
        }
        if (byte != '\\') {
            *to++ = byte;
            continue;
        }
        byte = take(reader);
        const char *letter = strchr(letters, byte);
        if (byte == 'u') {
            to = put_utf8(to, escaped_character(reader));
        } else {
            *to++ = letter != NULL ? controls[letter - letters] : byte;
        }
    }
}

static Json read_value(Reader *reader);

// What stands between two brackets, each with its name if they are braces.
static void read_items(Reader *reader, Json *whole, uint8_t open, uint8_t close) {
    size_t room = 0;
    expect(reader, open);
    while (peek(reader) != close) {
        if (whole->count > 0) {
            expect(reader, ',');
        }
        if (whole->count == room) {
            room = 2 * room + 8;
            Json *items = memory(room * sizeof(Json));
            for (size_t i = 0; i < whole->count; i++) {
                items[i] = whole->items[i];
            }
            whole->items = items;
        }
        Text name = L("");
        if (open == '{') {
            name = read_text(reader);
            expect(reader, ':');
        }
        whole->items[whole->count] = read_value(reader);
        whole->items[whole->count++].name = name;
    }
    expect(reader, close);
}

static Json read_value(Reader *reader) {
    Json value = {.items = NULL};
    switch (peek(reader)) {
    case '{':
        value.kind = JSON_OBJECT;
        read_items(reader, &value, '{', '}');
        break;
    case '[':
        value.kind = JSON_LIST;
        read_items(reader, &value, '[', ']');
        break;
    default:
        value.kind = JSON_TEXT;
        value.text = read_text(reader);
    }
    return value;
}

Json parse_json(Text document) {
    Reader reader = {document.ptr, document.ptr + document.len};
    return read_value(&reader);
}

const Json *member(const Json *object, Text name) {
    for (size_t i = 0; i < object->count; i++) {
        if (equal(object->items[i].name, name)) {
            return &object->items[i];
        }
    }
    return NULL;
}

Text quoted(Text text) {
    static const char letters[] = "\"\\bfnrt", escaped[] = "\"\\\b\f\n\r\t";
    static const char hex[] = "0123456789abcdef";
    // At worst, each byte becomes \u00xx.
    uint8_t *start = memory(6 * text.len + 2), *to = start;
    *to++ = '"';
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            *to++ = byte;
            continue;
        }
        const char *letter = byte != 0 ? strchr(escaped, byte) : NULL;
        if (letter != NULL) {
            *to++ = '\\';
            *to++ = letters[letter - escaped];
        } else {
            memcpy(to, "\\u00", 4);
            to[4] = hex[byte >> 4];
            to[5] = hex[byte & 0xF];
            to += 6;
        }
    }
    *to++ = '"';
    return (Text){start, to - start};
}
