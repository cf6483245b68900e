//! What was done about dead-letter queues, as text.

use super::indented;
use crate::command::events::queues::{Answer, Queues};
use crate::render::number::{count, counted};
use arrears_triggers::queue::{Outcome, Redriven, Undelivered};

/// Each queue, with what is left to do.
pub fn queues(queues: &Queues) -> String {
    let mut text = "\nDead-letter queues:\n".to_owned();
    if let Some(hint) = &queues.hint {
        text.push_str(&indented(&format!("not looked at: {hint}")));
    }
    for answer in &queues.queues {
        text.push_str(&match answer {
            Answer::Done(redriven) => done(redriven),
            Answer::Failed { queue, error, .. } => {
                format!("  {queue}: failed\n{}", indented(error))
            }
        });
    }
    text
}

fn done(redriven: &Redriven) -> String {
    let Redriven { queue, url, messages, in_flight, outcome } = redriven;
    let lie = counted(*messages, "message", "messages");
    let mut text = match outcome {
        Outcome::Empty => format!("  {queue}: empty\n"),
        Outcome::Started { to } => {
            format!("  {queue}: {lie}; SQS is moving them back to {}\n", to.join(", "))
        }
        Outcome::UnderWay { moved } => {
            format!("  {queue}: {lie}; SQS is moving them already, {} so far\n", count(*moved))
        }
        Outcome::Moved { moved, to } => {
            let moved = count(*moved);
            format!("  {queue}: {lie}, of which {moved} moved back to {}\n", to.join(", "))
        }
        Outcome::Undelivered { first } => undelivered(queue, url, &lie, first),
    };
    if *in_flight > 0 {
        let many = counted(*in_flight, "message", "messages");
        text.push_str(&indented(&format!("{many} in flight; look again in a minute")));
    }
    text
}

fn undelivered(queue: &str, url: &str, lie: &str, first: &[Undelivered]) -> String {
    let mut text = format!("  {queue}: {lie} that EventBridge could not deliver; left there\n");
    for Undelivered { message, attributes, .. } in first {
        let attributes: Vec<_> =
            attributes.iter().map(|(name, value)| format!("{name} {value}")).collect();
        text.push_str(&indented(&format!("{message}: {}", attributes.join(", "))));
    }
    text + &indented(&format!(
        "Nobody has got these. Mend what the errors name, mostly a permission or a target that is \
         gone. Then do what they asked for: `arrears schedule work` starts scheduled exports that \
         are due; of anything else, put the event in the message's body on the bus again. \
         Once none of them is needed any more, `aws sqs purge-queue --queue-url {url}`."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(messages: u64, in_flight: u64, outcome: Outcome) -> Answer {
        let (queue, url) = ("q-dlq".to_owned(), "https://sqs/1/q-dlq".to_owned());
        Answer::Done(Redriven { queue, url, messages, in_flight, outcome })
    }

    #[test]
    fn each_queue_says_what_became_of_it() {
        let to = || vec!["q".to_owned()];
        let attributes = [("ERROR_CODE".to_owned(), "NO_PERMISSIONS".to_owned())].into();
        let first =
            vec![Undelivered { message: "m-1".to_owned(), attributes, body: "{}".to_owned() }];
        let failed = Answer::Failed {
            queue: "q-dlq".to_owned(),
            url: "u".to_owned(),
            outcome: "failed",
            error: "AccessDenied".to_owned(),
        };
        let cases: [(Answer, bool, &[&str]); 6] = [
            (of(0, 0, Outcome::Empty), true, &["q-dlq: empty"]),
            (of(0, 2, Outcome::Empty), true, &["empty", "2 messages in flight"]),
            (of(1, 0, Outcome::Started { to: to() }), true, &["1 message; SQS", "back to q\n"]),
            (of(3, 0, Outcome::UnderWay { moved: 1_000 }), true, &["already, 1,000 so far"]),
            (
                of(3, 0, Outcome::Moved { moved: 2, to: to() }),
                true,
                &["of which 2 moved back to q"],
            ),
            (failed, false, &["q-dlq: failed", "AccessDenied"]),
        ];
        for (answer, done, words) in cases {
            let answer = Queues { queues: vec![answer], hint: None };
            let text = queues(&answer);
            assert_eq!(answer.are_done(), done, "{text}");
            for word in words {
                assert!(text.contains(word), "{word:?} is missing: {text}");
            }
        }
        let left = Queues {
            queues: vec![of(1, 0, Outcome::Undelivered { first })],
            hint: Some("the environment lacks X".to_owned()),
        };
        let text = queues(&left);
        assert!(!left.are_done());
        for word in ["not looked at: the environment lacks X", "m-1: ERROR_CODE NO_PERMISSIONS"] {
            assert!(text.contains(word), "{word:?} is missing: {text}");
        }
    }
}
