// Calendar dates as the `Date` of JavaScript at midnight, Greenwich: there is
// no clock in a component, and no zone.

const DAY_MS = 86_400_000;

/** Reads "2026-11-21"; `undefined` if it has another form or does not exist. */
export function parseDate(text) {
  const day = new Date(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(day.getTime()) && day.getUTCFullYear() > 0;
  return exists && dateText(day) === text ? day : undefined;
}

/** "2026-11-21". */
export function dateText(day) {
  return day.toISOString().slice(0, 10);
}

/** Days from one day to a later one. */
export function daysBetween(earlier, later) {
  return (later - earlier) / DAY_MS;
}

/** This many days later, or earlier if they are negative. */
export function plusDays(day, days) {
  return new Date(day.getTime() + days * DAY_MS);
}

/** 0 for Monday to 6 for Sunday. */
export function weekday(day) {
  return (day.getUTCDay() + 6) % 7;
}

/** "2026-W48": the week of ISO 8601, whose year may be another than the day's. */
export function isoWeek(day) {
  // A week belongs to the year that its Thursday is in.
  const thursday = plusDays(day, 3 - weekday(day));
  const year = thursday.getUTCFullYear();
  const newYear = new Date(`${String(year).padStart(4, "0")}-01-01T00:00:00Z`);
  const week = 1 + Math.floor(daysBetween(newYear, thursday) / 7);
  return `${String(year).padStart(4, "0")}-W${String(week).padStart(2, "0")}`;
}
