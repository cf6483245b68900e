// Texts: bytes of UTF-8 with a length, as they cross the boundary. They may hold
// a zero byte, so that C's own functions on strings are not for them.
//
// Nothing is given back: an instance lives for one call.

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"

typedef plugin_string_t Text;

// A literal.
#define L(literal) ((Text){(uint8_t *)(literal), sizeof(literal) - 1})

// One text of several, in memory of its own, as all that is returned must be.
#define JOIN(...)                                                                            \
    join((const Text[]){__VA_ARGS__}, sizeof((const Text[]){__VA_ARGS__}) / sizeof(Text))

Text join(const Text *parts, size_t count);

// Memory for so many bytes. There is no way on without it: it traps.
void *memory(size_t bytes);

bool equal(Text a, Text b);

// Less than zero, zero, more than zero, by their bytes.
int compare(Text a, Text b);

// A part of a text.
Text slice(Text text, size_t from, size_t to);

// Where a mark, of one byte at least, stands in a text at or after `from`; the
// length of the text if nowhere.
size_t find(Text text, Text mark, size_t from);

// Without the spaces around it.
Text trim(Text text);

// Unicode characters, not bytes.
size_t characters(Text text);

// A value as a message shows it: a long one by how it begins.
Text shown(Text value);

// Whether there is a control character in it that is no tab and no end of line.
bool has_control(Text text);

// A number in decimal, with zeros in front up to a width.
Text number(uint32_t value, size_t width);

#endif
