// Calendar dates as numbers of days: there is no clock in a component.

#ifndef CALENDAR_H
#define CALENDAR_H

#include "text.h"

// Days since the first of March of the year 0.
typedef int32_t Day;

// Reads "2026-11-21"; false if it has another form or does not exist.
bool parse_day(Text text, Day *day);

// "2026-11-21".
Text day_text(Day day);

// 0 for Monday to 6 for Sunday.
int weekday(Day day);

// "2026-W48": the week of ISO 8601, whose year may be another than the day's.
Text iso_week(Day day);

#endif
