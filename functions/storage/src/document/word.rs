//! Words of the domain in documents: each is written as its word, and a word that
//! is none is told which there are.

use arrears_domain::mandate::BankAccountType;
use arrears_domain::payment::{Journal, LineKind, PostingKind};
use arrears_domain::{AllocationMarker, MandateScheme, MandateSequence};
use serde::de::{Deserializer, Error};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// What is written as a word.
pub(super) trait Word: Sized + Copy + 'static {
    /// What it is, for messages.
    const WHAT: &'static str;
    /// All of them.
    const EACH: &'static [Self];
    /// Its word.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($($name:ty, $what:literal;)*) => {$(
        impl Word for $name {
            const WHAT: &'static str = $what;
            const EACH: &'static [Self] = &<$name>::ALL;
            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    )*};
}

words! {
    AllocationMarker, "marker";
    MandateScheme, "scheme";
    MandateSequence, "sequence";
    BankAccountType, "account type";
    PostingKind, "kind";
    Journal, "journal";
    LineKind, "line";
}

pub(super) fn serialize<W: Word, S: Serializer>(
    value: &W,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.word().serialize(serializer)
}

pub(super) fn deserialize<'de, W: Word, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<W, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

fn parse<W: Word, E: Error>(text: &str) -> Result<W, E> {
    W::EACH.iter().copied().find(|it| it.word() == text).ok_or_else(|| {
        let words: Vec<&str> = W::EACH.iter().map(|it| it.word()).collect();
        let (what, words) = (W::WHAT, words.join(", "));
        E::custom(format!("unknown {what} `{text}`; write one of: {words}"))
    })
}

/// A word that may be left out.
pub(super) mod option {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Word, parse};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(in super::super) fn serialize<W: Word, S: Serializer>(
        value: &Option<W>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Word::word).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, W: Word, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<W>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.as_deref().map(parse).transpose()
    }
}
