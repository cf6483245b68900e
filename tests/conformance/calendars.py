"""Settlement calendars against the lists that `holidays` keeps."""

from datetime import date

import holidays

# What is known to differ: TARGET was closed on the last day before the coins came,
# by decree and not by rule.
BY_DECREE = {"XECB": {date(2001, 12, 31)}, "XFED": set()}


def check(days):
    """Compares days of the form `XECB 2000-04-21`, the weekdays on which ours are closed.

    Returns what differs by calendar.
    """
    ours = {name: set() for name in BY_DECREE}
    for line in days.splitlines():
        name, day = line.split()
        ours[name].add(date.fromisoformat(day))
    return {f"{name} by holidays": list(differences(name, ours[name])) for name in ours}


def differences(name, ours):
    """The days on which only one of the two is closed."""
    years = {day.year for day in ours}
    if not years >= set(range(2000, 2101)):
        yield f"the years 2000 to 2100 are not all there, but {len(years)}"
    listed = holidays.financial_holidays(name, years=years)
    theirs = {day for day in listed if day.weekday() < 5} - BY_DECREE[name]
    yield from (f"only ours is closed on {day}" for day in sorted(ours - theirs))
    yield from (f"only theirs is closed on {day}" for day in sorted(theirs - ours))


# A day too few and a day too many, which must be seen.
SPOILED = [
    ("XECB open on Good Friday", "XECB 2026-04-03\n", ""),
    ("XECB closed on a Tuesday", "XECB 2026-04-03\n", "XECB 2026-04-03\nXECB 2026-04-07\n"),
    ("XFED open on Juneteenth", "XFED 2026-06-19\n", ""),
    ("XFED closed for a Saturday", "XFED 2026-06-19\n", "XFED 2026-06-19\nXFED 2026-07-03\n"),
]


def spoiled(days):
    """Each spoiled list, as (name, list, what who must see it says)."""
    for name, old, new in SPOILED:
        changed = days.replace(old, new, 1)
        yield name, None if changed == days else changed, {f"{name[:4]} by holidays": "closed on"}
