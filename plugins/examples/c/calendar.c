#include "calendar.h"

// Days in 400 years, after which the calendar repeats itself.
enum { DAYS_PER_ERA = 146097 };

typedef struct {
    int32_t year, month, day;
} Date;

// Years that begin in March have their leap day at the end, which leaves
// arithmetic without special cases.
static Day day_of(Date date) {
    int32_t year = date.month > 2 ? date.year : date.year - 1;
    int32_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int32_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    return 365 * year + year / 4 - year / 100 + year / 400 + day_of_year;
}

static Date date_of(Day day) {
    int32_t in_era = day % DAYS_PER_ERA;
    int32_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int32_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int32_t month = (5 * in_year + 2) / 153;
    year += 400 * (day / DAYS_PER_ERA);
    return (Date){
        .year = month < 10 ? year : year + 1,
        .month = month < 10 ? month + 3 : month - 9,
        .day = in_year - (153 * month + 2) / 5 + 1,
    };
}

// The digits of a text as a number; false if there is anything else.
static bool digits(Text text, int32_t *value) {
    *value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        *value = 10 * *value + (text.ptr[i] - '0');
    }
    return true;
}

bool parse_day(Text text, Day *day) {
    Date date;
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-' ||
        !digits(slice(text, 0, 4), &date.year) || !digits(slice(text, 5, 7), &date.month) ||
        !digits(slice(text, 8, 10), &date.day) || date.year < 1 || date.month < 1 ||
        date.month > 12) {
        return false;
    }
    *day = day_of(date);
    // The 30th of February comes back as the 2nd of March.
    return equal(day_text(*day), text);
}

Text day_text(Day day) {
    Date date = date_of(day);
    return JOIN(number(date.year, 4), L("-"), number(date.month, 2), L("-"), number(date.day, 2));
}

int weekday(Day day) {
    // The first of March of the year 0 was a Wednesday.
    return (day + 2) % 7;
}

Text iso_week(Day day) {
    // A week belongs to the year that its Thursday is in.
    Day thursday = day + 3 - weekday(day);
    Date date = date_of(thursday);
    Day new_year = day_of((Date){date.year, 1, 1});
    return JOIN(number(date.year, 4), L("-W"), number(1 + (thursday - new_year) / 7, 2));
}
