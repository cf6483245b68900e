#include "text.h"

#include <stdlib.h>
#include <string.h>

// What a message shows of a value.
enum { SHOWN_CHARACTERS_MAX = 40 };

void *memory(size_t bytes) {
    void *block = malloc(bytes == 0 ? 1 : bytes);
    if (block == NULL) {
        __builtin_trap();
    }
    return block;
}

Text join(const Text *parts, size_t count) {
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        length += parts[i].len;
    }
    Text whole = {memory(length), 0};
    for (size_t i = 0; i < count; i++) {
        memcpy(whole.ptr + whole.len, parts[i].ptr, parts[i].len);
        whole.len += parts[i].len;
    }
    return whole;
}

bool equal(Text a, Text b) {
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

int compare(Text a, Text b) {
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

Text slice(Text text, size_t from, size_t to) {
    return (Text){text.ptr + from, to - from};
}

size_t find(Text text, Text mark, size_t from) {
    for (size_t at = from; at + mark.len <= text.len; at++) {
        if (text.ptr[at] == mark.ptr[0] && memcmp(text.ptr + at, mark.ptr, mark.len) == 0) {
            return at;
        }
    }
    return text.len;
}

static bool is_space(uint8_t byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

Text trim(Text text) {
    while (text.len > 0 && is_space(text.ptr[0])) {
        text = slice(text, 1, text.len);
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

size_t characters(Text text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        // All bytes of a character but its first are 10xxxxxx.
        count += (text.ptr[i] & 0xC0) != 0x80;
    }
    return count;
}

Text shown(Text value) {
    size_t count = 0;
    for (size_t i = 0; i < value.len; i++) {
        count += (value.ptr[i] & 0xC0) != 0x80;
        if (count > SHOWN_CHARACTERS_MAX) {
            return JOIN(slice(value, 0, i), L("..."));
        }
    }
    return value;
}

bool has_control(Text text) {
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.ptr[i];
        if (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r') {
            return true;
        }
        // U+0080 to U+009F are two bytes, of which the first is C2.
        if (byte == 0x7F || (byte == 0xC2 && text.ptr[i + 1] < 0xA0)) {
            return true;
        }
    }
    return false;
}

Text number(uint32_t value, size_t width) {
    uint8_t digits[10];
    size_t first = sizeof digits;
    do {
        digits[--first] = '0' + value % 10;
        value /= 10;
    } while (value > 0 || sizeof digits - first < width);
    return JOIN((Text){digits + first, sizeof digits - first});
}
