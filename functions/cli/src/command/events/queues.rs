//! The dead-letter queues on AWS, when all of the dead-letter list is redriven.

use crate::failure::in_words;
use crate::session::Session;
use arrears_triggers::queue::{self, DeadLetters, Outcome, Redriven};
use serde::Serialize;

/// What was done about a dead-letter queue.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// It was looked after.
    Done(Redriven),
    /// It could not be; the others could.
    Failed {
        /// Its name.
        queue: String,
        /// Its address.
        url: String,
        /// For scripts, beside those of [`Outcome`].
        outcome: &'static str,
        /// Why.
        error: String,
    },
}

/// What was done about all dead-letter queues.
#[derive(Debug, Serialize)]
pub struct Queues {
    /// Each.
    pub queues: Vec<Answer>,
    /// Why they were not even looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Queues {
    /// Whether nothing is left for a person to do.
    pub fn are_done(&self) -> bool {
        let is_done = |answer: &Answer| match answer {
            Answer::Done(redriven) => !matches!(redriven.outcome, Outcome::Undelivered { .. }),
            Answer::Failed { .. } => false,
        };
        self.hint.is_none() && self.queues.iter().all(is_done)
    }
}

/// Moves back what lies in the dead-letter queues that the environment names. None
/// with `--data`.
pub async fn redrive(session: &Session) -> Option<Queues> {
    let letters = session.dead_letters().await?;
    Some(match queue::urls_from_environment() {
        Ok(urls) => Queues { queues: each(&letters, &urls).await, hint: None },
        Err(missing) => Queues { queues: Vec::new(), hint: Some(missing.to_string()) },
    })
}

async fn each(letters: &DeadLetters, urls: &[String]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for url in urls {
        answers.push(match letters.redrive(url).await {
            Ok(redriven) => Answer::Done(redriven),
            Err(error) => Answer::Failed {
                queue: queue::name(url).to_owned(),
                url: url.clone(),
                outcome: "failed",
                error: in_words(&error),
            },
        });
    }
    answers
}
