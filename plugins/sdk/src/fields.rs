//! Named fields with templates: what fills a letter or a service request.

use std::collections::BTreeMap;

use crate::template::Template;
use crate::{Fault, Subject, fault};

/// The most fields that the host takes in one effect.
pub const FIELDS_MAX: usize = 64;

/// Fields, sorted by name, so that an effect always has the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Name, what to call the field in a fault, and its text.
    all: Vec<(String, String, Template)>,
}

impl Fields {
    /// Cuts up the text of each field. `pointer_of` says where in the setup a
    /// field stands.
    ///
    /// # Errors
    /// As [`Template::parse`]; code `too-many-fields` beyond [`FIELDS_MAX`].
    pub fn parse(
        texts: BTreeMap<String, String>,
        pointer_of: impl Fn(&str) -> String,
    ) -> Result<Self, Fault> {
        if texts.len() > FIELDS_MAX {
            return Err(fault::config(
                "too-many-fields",
                format!("there are {} fields; at most {FIELDS_MAX} are possible", texts.len()),
            ));
        }
        let all = texts
            .into_iter()
            .map(|(name, text)| {
                let template = Template::parse(&text, &pointer_of(&name))?;
                let place = format!("field {name:?}");
                Ok((name, place, template))
            })
            .collect::<Result<_, Fault>>()?;
        Ok(Self { all })
    }

    /// Each field with the subject's facts in it.
    ///
    /// # Errors
    /// As [`Template::fill`].
    pub fn fill(&self, subject: &Subject) -> Result<Vec<(String, String)>, Fault> {
        self.all
            .iter()
            .map(|(name, place, template)| Ok((name.clone(), template.fill(subject, place)?)))
            .collect()
    }
}

/// A JSON pointer to a property, with the name escaped as RFC 6901 wants it.
#[must_use]
pub fn pointer(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}
