//! What an export run writes for a collection agency, and where to.

use crate::setup::mistake::Span;
use crate::setup::places::Place;

/// Files for a collection agency: which templates, and where to.
#[derive(Debug, Clone)]
pub struct ExportSetup {
    /// Unique; part of file names.
    pub code: String,
    /// For people.
    pub name: Option<String>,
    /// The code of the collection agency that the files are for.
    pub collection_agency: String,
    /// Where the files stand below the agency's own `export/` folder:
    /// `northstar/weekly`.
    pub prefix: String,
    /// What file names end with, before what compression adds: `csv`.
    pub extension: String,
    /// What is written.
    pub template: ExportTemplate,
    /// How values are escaped, if the setup says so: see
    /// [`ExportSetup::escape_in_force`].
    pub escape: Option<Escape>,
    /// How files are compressed.
    pub compression: Compression,
    /// The most records of a file; none: all in one.
    pub split_records: Option<u32>,
    /// Where its code stands.
    pub span: Span,
}

/// What the files of an export setup look like.
#[derive(Debug, Clone)]
pub enum ExportTemplate {
    /// One that comes with the product.
    Ready(ReadyTemplate),
    /// The agency's own.
    Written {
        /// Before all records of a file.
        header: Option<TemplateText>,
        /// Once for each record.
        record: TemplateText,
        /// After all records of a file.
        trailer: Option<TemplateText>,
    },
}

/// A template's text, which knows where it stands.
#[derive(Debug, Clone)]
pub struct TemplateText {
    /// The text itself, without quotes and escapes of TOML.
    pub text: String,
    place: Place,
}

/// The templates that come with the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadyTemplate {
    /// Comma-separated values with a row of headings.
    Csv,
    /// Lines of one width, with a header and a trailer.
    FixedWidth,
    /// One XML document.
    Xml,
}

/// What becomes of a value that a template writes without saying how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Escape {
    /// It stays one field of comma-separated values.
    Csv,
    /// It stays text of an XML document.
    Xml,
    /// It stays on its line.
    Line,
    /// It is written as it is.
    None,
}

/// How files are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// As gzip.
    Gzip,
    /// As Zstandard.
    Zstd,
}

impl ExportSetup {
    /// How values are escaped: as the setup says, else as the ready template
    /// needs it, else by the extension: `csv`, `xml`, and lines for all others.
    #[must_use]
    pub fn escape_in_force(&self) -> Escape {
        self.escape.unwrap_or_else(|| match (&self.template, self.extension.as_str()) {
            (ExportTemplate::Ready(ready), _) => ready.escape(),
            (ExportTemplate::Written { .. }, "csv") => Escape::Csv,
            (ExportTemplate::Written { .. }, "xml") => Escape::Xml,
            (ExportTemplate::Written { .. }, _) => Escape::Line,
        })
    }
}

impl ExportTemplate {
    /// The agency's own texts that are there, by their keys.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &TemplateText)> {
        let texts = match self {
            Self::Ready(_) => [("header", None), ("record", None), ("trailer", None)],
            Self::Written { header, record, trailer } => [
                ("header", header.as_ref()),
                ("record", Some(record)),
                ("trailer", trailer.as_ref()),
            ],
        };
        texts.into_iter().filter_map(|(key, text)| Some((key, text?)))
    }
}

impl TemplateText {
    pub(in crate::setup) fn new(text: String, place: Place) -> Self {
        Self { text, place }
    }

    /// Where a part of the text stands in the source; both are bytes of the
    /// text. What is beyond its end is its end. A text that TOML writes with
    /// escapes is pointed to as a whole.
    #[must_use]
    pub fn span(&self, offset: usize, length: usize) -> Span {
        let offset = offset.min(self.text.len());
        self.place.part(offset, length.min(self.text.len() - offset))
    }
}

impl ReadyTemplate {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::FixedWidth, Self::Xml];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::FixedWidth => "fixed-width",
            Self::Xml => "xml",
        }
    }

    /// How its values are escaped.
    #[must_use]
    pub fn escape(self) -> Escape {
        match self {
            Self::Csv => Escape::Csv,
            Self::FixedWidth => Escape::Line,
            Self::Xml => Escape::Xml,
        }
    }
}

impl Escape {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Xml, Self::Line, Self::None];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Line => "line",
            Self::None => "none",
        }
    }

    /// What files are called that are escaped so, unless the setup says
    /// otherwise.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Line | Self::None => "txt",
        }
    }
}

impl Compression {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Gzip, Self::Zstd];

    /// The word in setups.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}
