//! An error in one line.

/// An error with its causes, none of them twice.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text.push_str(&format!(": {cause}"));
        }
        next = source.source();
    }
    text
}
