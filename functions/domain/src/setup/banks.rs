//! The bank's side of a payment profile: the format of its file, and who collects by
//! it. A number with a slip of the pen is found here, not by the bank.

use super::limits;
use super::mistake::{Mistake, code};
use super::model::{BankFile, BankFormat, Creditor, Originator, PaymentMethod};
use super::tree::{Node, Table};
use crate::bank::{BankNumberError, Bic, CreditorId, Iban, RoutingNumber, is_country};

/// What debtors read of an ACH debit if the setup does not say.
const ENTRY_DESCRIPTION: &str = "PAYMENT";

/// The bank's side, as far as it could be read.
pub(super) struct Bank {
    /// The file, if the profile has one, though the rest may be wrong.
    pub(super) file: Option<BankFile>,
    /// The file and who collects by it, if all of that is right.
    pub(super) format: Option<BankFormat>,
    /// Whether the profile surely has no file, or the one above: what belongs to
    /// another one is a mistake.
    pub(super) is_certain: bool,
}

/// Reads the bank's side, which a profile has exactly if its method is `bank`.
pub(super) fn bank(table: &Table<'_>, method: Option<PaymentMethod>) -> Bank {
    let node = table.optional("bank_format");
    let word = node.word(&BankFile::ALL.map(|it| (it.as_str(), it)));
    let file = word.filter(|_| matches!(method, None | Some(PaymentMethod::Bank)));
    let has_none = method.is_some_and(|method| method != PaymentMethod::Bank);
    if let Some(method) = method.filter(|_| has_none && node.is_present()) {
        let message = format!("the method `{}` has no bank's file", method.as_str());
        let hint = "remove `bank_format`, or set `method = \"bank\"`";
        node.wrong(code::WRONG_BANK_FORMAT, message, hint);
    }
    if method == Some(PaymentMethod::Bank) && !node.is_present() {
        let message = "the method `bank` needs a `bank_format`";
        let mistake = Mistake::error(code::NO_BANK_FORMAT, table.span, message);
        table.reading.report(mistake.hint("add `bank_format = \"pain.008\"` or `\"nacha\"`"));
    }
    let (creditor, originator) = (table.optional("creditor"), table.optional("originator"));
    // Both are read, for the mistakes in each.
    let collects = creditor.table("a creditor", self::creditor).flatten();
    let originates = originator.table("an originator", self::originator).flatten();
    let is_certain = file.is_some() || has_none;
    for (own, node) in [(BankFile::Pain008, creditor), (BankFile::Nacha, originator)] {
        if file == Some(own) && !node.is_present() {
            let message = format!("a file in the format {} needs `{}`", own.as_str(), own.who());
            let mistake = Mistake::error(code::MISSING_KEY, table.span, message);
            table.reading.report(mistake.hint(format!("add `{} = {{ ... }}`", own.who())));
        }
        if is_certain && file != Some(own) && node.is_present() {
            refuse(node, own);
        }
    }
    let format = match file {
        Some(BankFile::Pain008) => collects.map(BankFormat::Pain008),
        Some(BankFile::Nacha) => originates.map(BankFormat::Nacha),
        None => None,
    };
    Bank { file, format, is_certain }
}

/// Refuses what belongs to a file that the profile does not have.
pub(super) fn refuse(node: Node<'_>, file: BankFile) {
    let message = format!("`{}` is for files in the format {} only", node.name, file.as_str());
    node.wrong(code::WRONG_BANK_FORMAT, message, "remove it, or change `bank_format`");
}

fn creditor(table: &Table<'_>) -> Option<Creditor> {
    let name = name(table.required("name"), limits::CREDITOR_NAME_CHARACTERS_MAX);
    let iban = number(table.required("iban"), Iban::parse);
    let bic = number(table.optional("bic"), Bic::parse);
    let id = number(table.required("id"), CreditorId::parse);
    let nodes @ [town, country] = [table.optional("town"), table.optional("country")];
    if let [true, false] | [false, true] = nodes.map(Node::is_present) {
        let (there, missing) = if town.is_present() { (town, country) } else { (country, town) };
        let message = format!("`{}` stands without `{}`", there.name, missing.name);
        there.wrong(
            code::MISSING_KEY,
            message,
            "write both or neither: banks want whole addresses",
        );
    }
    let town = self::name(town, limits::TOWN_CHARACTERS_MAX);
    let country = self::country(country);
    Some(Creditor { name: name?, iban: iban?, bic, id: id?, town, country })
}

fn country(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    if !is_country(text) {
        let message = format!("`{text}` is no country");
        node.wrong(code::UNKNOWN_WORD, message, "write two capital letters, such as \"DE\"");
        return None;
    }
    Some(text.to_owned())
}

fn originator(table: &Table<'_>) -> Option<Originator> {
    let name = ascii(table.required("name"), limits::ORIGINATOR_NAME_CHARACTERS_MAX);
    let ten = limits::COMPANY_ID_CHARACTERS;
    let company_id = company(table.required("company_id"), &[ten]);
    let routing_number = number(table.required("routing_number"), RoutingNumber::parse);
    let bank_name = ascii(table.required("bank_name"), limits::BANK_NAME_CHARACTERS_MAX);
    let destination = number(table.optional("destination"), RoutingNumber::parse);
    // Some banks want to see a routing number there, which has a character less.
    let origin = company(table.optional("origin"), &[ten - 1, ten]);
    let described = table.optional("entry_description");
    let entry_description = ascii(described, limits::ENTRY_DESCRIPTION_CHARACTERS_MAX);
    Some(Originator {
        name: name?,
        company_id: company_id?,
        routing_number: routing_number?,
        bank_name: bank_name?,
        destination,
        origin,
        entry_description: entry_description.unwrap_or_else(|| ENTRY_DESCRIPTION.to_owned()),
    })
}

/// The number of a company, of one of the lengths.
fn company(node: Node<'_>, lengths: &[usize]) -> Option<String> {
    let text = node.text()?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_number && lengths.contains(&text.len()) {
        return Some(text.to_owned());
    }
    let characters = text.chars().count();
    let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    let message = match text.chars().find(|it| !it.is_ascii_alphanumeric()) {
        Some(character) => format!("`{}` has the character {character:?}", node.name),
        None => format!("`{}` has {characters} characters", node.name),
    };
    let hint =
        format!("write the {} letters or digits that the bank gave you", lengths.join(" or "));
    node.wrong(code::BAD_BANK_NUMBER, message, &hint);
    None
}

/// A number with check digits.
fn number<T>(node: Node<'_>, parse: impl Fn(&str) -> Result<T, BankNumberError>) -> Option<T> {
    let parsed = parse(node.text()?);
    if let Err(error) = &parsed {
        let hint = "compare it with what the bank gave you";
        node.wrong(code::BAD_BANK_NUMBER, error.to_string(), hint);
    }
    parsed.ok()
}

fn name(node: Node<'_>, most: usize) -> Option<String> {
    let name = node.name()?;
    let characters = name.chars().count();
    if characters > most {
        let message =
            format!("`{}` has {characters} characters; it may have at most {most}", node.name);
        node.wrong(code::BAD_BANK_TEXT, message, "shorten it: the bank's file has no more room");
        return None;
    }
    Some(name)
}

/// A name as a file of ASCII has it. It is not changed here: the agency is to see
/// what its debtors will see.
fn ascii(node: Node<'_>, most: usize) -> Option<String> {
    let name = name(node, most)?;
    let message = match name.chars().find(|it| !(it.is_ascii_graphic() || *it == ' ')) {
        Some(character) => format!("`{}` has the character {character:?}", node.name),
        None if name.bytes().any(|byte| byte.is_ascii_alphanumeric()) => return Some(name),
        None => format!("`{}` has neither a letter nor a digit", node.name),
    };
    let hint = "the bank's file has the letters a to z, digits and the signs of ASCII";
    node.wrong(code::BAD_BANK_TEXT, message, hint);
    None
}
