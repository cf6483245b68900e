//! Schedules as text, and what a worker did about them.

use super::number;
use super::table::Table;
use crate::session::Prompt;
use arrears_runs::schedule::{Moment, Outcome, Pass, Schedule, Worked};
use chrono::{NaiveDateTime, Timelike};

/// What was scheduled, with what to type next.
pub fn added(schedule: &Schedule, prompt: &Prompt) -> String {
    let mut text = confirmation(schedule);
    text.push_str(&format!("List:   {}\n", prompt.line("schedule list")));
    text.push_str(&format!("Start:  {}   (starts what is due)\n", prompt.line("schedule work")));
    text
}

/// The same where AWS starts it. If it was written before, by a command that was
/// killed before it could tell AWS, this is said.
pub fn added_on_aws(schedule: &Schedule, was_written: bool, prompt: &Prompt) -> String {
    let mut text = confirmation(schedule);
    if was_written {
        text.push_str("It was written down before; AWS did not know of it, and does now.\n");
    }
    text.push_str("AWS starts it then.\n");
    text.push_str(&format!("List:    {}\n", prompt.line("schedule list")));
    let cancel = prompt.line(&format!("schedule cancel {}", schedule.id));
    text + &format!("Cancel:  {cancel}\n")
}

/// The confirmation, in the words of the source document.
fn confirmation(schedule: &Schedule) -> String {
    let moment = schedule.moment();
    let mut text = format!(
        "The collections export run was successfully scheduled for {} ({} UTC) as {}.\n",
        when(&moment),
        time(moment.utc.naive_utc()),
        schedule.id,
    );
    let which = match moment.pass {
        Pass::Only => return text,
        Pass::First => "first",
        Pass::Second => "second",
    };
    text.push_str(&format!(
        "The clocks show that time twice on that day; it starts the {which} time, at UTC{}.\n",
        moment.offset()
    ));
    text
}

/// All schedules.
pub fn list(schedules: &[Schedule], prompt: &Prompt) -> String {
    if schedules.is_empty() {
        let add = prompt.line("run export --setup CODE --at YYYY-MM-DDTHH:MM");
        return format!("Nothing has been scheduled.\nSchedule:  {add}\n");
    }
    let mut table = Table::new(["Id", "What", "When", "Status", "Run"]);
    for schedule in schedules {
        table.row([
            schedule.id.clone(),
            format!("{} {}", schedule.kind, schedule.export_setup),
            when(&schedule.moment()),
            schedule.status.as_str().to_owned(),
            schedule.run_key.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let mut text = table.render();
    for schedule in schedules {
        if let Some(error) = &schedule.error {
            text.push_str(&format!("\n{} failed: {error}\n", schedule.id));
        }
    }
    text
}

/// A schedule was called off.
pub fn cancelled(schedule: &Schedule) -> String {
    let Schedule { id, kind, export_setup, .. } = schedule;
    format!("{id} is cancelled: {kind} {export_setup}, {}.\n", when(&schedule.moment()))
}

/// A schedule cannot be called off any more.
pub fn not_waiting(schedule: &Schedule, prompt: &Prompt) -> String {
    let status = schedule.status.as_str();
    let mut text =
        format!("{} is {status}; only a schedule that waits can be cancelled.\n", schedule.id);
    if let Some(run_key) = &schedule.run_key {
        text.push_str(&format!("Run:  {}\n", prompt.line(&format!("runs show {run_key}"))));
    }
    text
}

/// What a worker did.
pub fn worked(worked: &[Worked], prompt: &Prompt) -> String {
    if worked.is_empty() {
        return "Nothing is due.\n".to_owned();
    }
    worked.iter().map(|it| one(it, prompt)).collect()
}

fn one(worked: &Worked, prompt: &Prompt) -> String {
    let run_key = worked.run_key.as_deref().unwrap_or("-");
    let head = format!("{} (export {})", worked.id, worked.export_setup);
    let go_on = || prompt.line(&format!("runs resume {run_key}"));
    match &worked.outcome {
        Outcome::Finished { duration_ms } => {
            let duration = number::duration_ms(*duration_ms);
            let show = prompt.line(&format!("runs show {run_key}"));
            format!("{head}: run {run_key} finished in {duration}.\n  Show:  {show}\n")
        }
        Outcome::Noted => format!("{head}: run {run_key} was finished before; this is noted.\n"),
        Outcome::UnderWay => format!(
            "{head}: run {run_key} is under way, or was killed.\n  If no worker is at it:  {}\n",
            go_on()
        ),
        Outcome::Postponed { reason } => {
            format!("{head}: waits; {reason}.\n")
        }
        Outcome::Failed { reason } => format!("{head}: failed: {reason}.\n"),
        Outcome::Stopped { reason } => match &worked.run_key {
            Some(_) => format!(
                "{head}: run {run_key} failed on the way: {reason}.\n  Go on:  {}\n",
                go_on()
            ),
            None => {
                let again = prompt.line("schedule work");
                format!("{head}: stays as it was: {reason}.\n  Again:  {again}\n")
            }
        },
    }
}

/// `2026-12-01 06:00 America/New_York`.
fn when(moment: &Moment) -> String {
    format!("{} {}", time(moment.local), moment.zone)
}

/// To the minute, unless seconds were asked for.
fn time(time: NaiveDateTime) -> String {
    let format = if time.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    time.format(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_confirmation_tells_which_of_two_times_is_meant() {
        let words = |at_local: &str, at_utc: &str| {
            let document = serde_json::json!({
                "id": "schedule-000001",
                "kind": "export",
                "export_setup": "WEEKLY",
                "parameters": {},
                "as_of": null,
                "allow_back_dated": false,
                "at_local": at_local,
                "zone": "America/New_York",
                "at_utc": at_utc,
                "status": "waiting",
                "run_key": null,
                "run_number": null,
                "takers": 0,
                "error": null,
                "created_at": "2026-11-22T20:00:00.000Z",
            });
            confirmation(&serde_json::from_value(document).expect("a schedule"))
        };
        assert_eq!(
            words("2026-12-01T06:00:30", "2026-12-01T11:00:30Z"),
            "The collections export run was successfully scheduled for 2026-12-01 06:00:30 \
             America/New_York (2026-12-01 11:00:30 UTC) as schedule-000001.\n"
        );
        assert_eq!(
            words("2027-11-07T01:30:00", "2027-11-07T05:30:00Z"),
            "The collections export run was successfully scheduled for 2027-11-07 01:30 \
             America/New_York (2027-11-07 05:30 UTC) as schedule-000001.\n\
             The clocks show that time twice on that day; it starts the first time, at \
             UTC-04:00.\n"
        );
        let second = words("2027-11-07T01:30:00", "2027-11-07T06:30:00Z");
        assert!(second.ends_with("it starts the second time, at UTC-05:00.\n"), "{second}");
    }
}
