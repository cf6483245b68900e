//! Why something was decided, in steps that a clerk can read.

/// The steps of a decision, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked, what it came to, and from which inputs.
    pub steps: Vec<Step>,
}

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule that was asked: `duration`, `next_milestone`.
    pub rule: String,
    /// What it came to.
    pub text: String,
    /// What a formula read, with the values: `account.class`, `commercial`.
    pub inputs: Vec<(String, String)>,
}

impl Explanation {
    /// Adds a step that read no inputs.
    pub fn add(&mut self, rule: &str, text: String) {
        self.push(Step { rule: rule.to_owned(), text, inputs: Vec::new() });
    }

    /// Adds a step.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}
