//! The name of a plugin, and the names that are made of it.

use arrears_host::Descriptor;
use arrears_host::trust::not_an_imitation;

use crate::error::KitError;

/// Bytes of a plugin's id, as the contract says.
const BYTES_MAX: usize = 64;

/// The example's name, which a new project has its own for.
pub(super) const EXAMPLE: &str = "acme-sms-reminder";

/// A checked name: who makes the plugin, a hyphen, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// Checks a name. `built_in` are the ids and action types that no other plugin may
    /// imitate.
    pub(crate) fn check(name: &'a str, built_in: &[&str]) -> Result<Self, KitError> {
        let wrong =
            |reason: &str| Err(KitError::Name { name: name.to_owned(), reason: reason.to_owned() });
        if name.len() > BYTES_MAX {
            return wrong("it is longer than 64 characters; choose a shorter one");
        }
        let is_part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        if !starts_well || !name.contains('-') || !name.split('-').all(is_part) {
            return wrong(
                "write who makes it and what it does, in lower-case letters and digits with a \
                 hyphen between words: acme-sms-reminder",
            );
        }
        let checked = Self(name);
        match not_an_imitation(&checked.descriptor(), built_in) {
            Ok(()) => Ok(checked),
            Err(error) => wrong(&error.to_string()),
        }
    }

    /// The type of its action: `acme:sms-reminder`.
    pub(crate) fn action(self) -> String {
        self.0.replacen('-', ":", 1)
    }

    /// A text of the example, as a text of a plugin of this name.
    pub(crate) fn put_into(self, text: &str) -> String {
        let example = Name(EXAMPLE);
        text.replace(&example.camel(), &self.camel())
            .replace(&example.snake(), &self.snake())
            .replace(&example.action(), &self.action())
            .replace(EXAMPLE, self.0)
    }

    /// `acme_sms_reminder`.
    pub(crate) fn snake(self) -> String {
        self.0.replace('-', "_")
    }

    /// `AcmeSmsReminder`.
    fn camel(self) -> String {
        let capital = |part: &str| {
            let (first, rest) = part.split_at(part.len().min(1));
            first.to_ascii_uppercase() + rest
        };
        self.0.split('-').map(capital).collect()
    }

    /// What a plugin of this name says of itself, as far as its names go.
    fn descriptor(self) -> Descriptor {
        Descriptor {
            id: self.0.to_owned(),
            version: "0.1.0".to_owned(),
            summary: String::new(),
            actions: vec![self.action()],
            config_schema: "{}".to_owned(),
            facts_needed: Vec::new(),
            effects_used: Vec::new(),
            max_batch: 1,
            fuel_per_item: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT_IN: [&str; 4] =
        ["arrears-notice", "notice", "arrears-one-off-charge", "one-off-charge"];

    #[test]
    fn a_name_becomes_all_the_others() {
        let name = Name::check("globex-turn-off-2", &BUILT_IN).unwrap();
        let text = "acme-sms-reminder acme_sms_reminder acme:sms-reminder AcmeSmsReminder acme-x";
        let expected =
            "globex-turn-off-2 globex_turn_off_2 globex:turn-off-2 GlobexTurnOff2 acme-x";
        assert_eq!(name.put_into(text), expected);
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        for name in [
            "",
            "-",
            "acme",
            "Acme-sms",
            "acme_sms",
            "acme--sms",
            "acme-",
            "1acme-sms",
            "../acme-sms",
        ] {
            let error = Name::check(name, &BUILT_IN).unwrap_err();
            assert!(error.to_string().contains("who makes it"), "{name}: {error}");
        }
        let error = Name::check(&format!("a-{}", "b".repeat(63)), &BUILT_IN).unwrap_err();
        assert!(error.to_string().contains("64"), "{error}");
    }

    #[test]
    fn a_name_like_a_built_in_is_refused() {
        for name in
            ["arrears-sms", "one-off-charge", "one-0ff-charge", "one-off-charges", "no-tice"]
        {
            let error = Name::check(name, &BUILT_IN).unwrap_err();
            assert!(error.to_string().contains("looks like"), "{name}: {error}");
        }
    }
}
