//! Books made up from a seed: the same seed gives the same book, to the byte.

use arrears_domain::setup::{Milestone, Rule, Scheme};
use arrears_domain::{
    Account, AccountStatus, Contact, Currency, Date, Delinquency, DelinquencyKind,
    DelinquencyStatus, Hold, HoldKind, Identifier, Money, SchemeCode, Setup,
};
use chrono::Days;
use std::collections::{BTreeMap, BTreeSet};

const FIRST_NAMES: [&str; 16] = [
    "Amara", "Bruno", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hana", "Isaac", "José",
    "Katrin", "Liam", "Mei", "Noor", "Oskar", "Priya",
];
const LAST_NAMES: [&str; 16] = [
    "Abara", "Brandt", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov",
    "Jensen", "Kowalski", "Larsen", "Müller", "Nguyen", "O'Brien", "Patel",
];
const TRADES: [&str; 8] =
    ["Bakery", "Car Wash", "Dental", "Foundry", "Garden Supply", "Hotel", "Laundry", "Printing"];

/// An account with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedAccount {
    /// The primary contact.
    pub contact: Contact,
    /// The account.
    pub account: Account,
    /// Its collections and lien records; most accounts have none.
    pub delinquencies: Vec<Delinquency>,
}

/// Makes up a book that fits a setup: homes and businesses, most of them in
/// good standing, some in collections, a few under a lien; holds, extensions,
/// and stays that end shortly before and after `as_of`.
pub struct Generator<'a> {
    setup: &'a Setup,
    accounts: u64,
    seed: u64,
    as_of: Date,
    next: u64,
}

impl<'a> Generator<'a> {
    /// A book of so many accounts.
    #[must_use]
    pub fn new(setup: &'a Setup, accounts: u64, seed: u64, as_of: Date) -> Self {
        Self { setup, accounts, seed, as_of, next: 0 }
    }
}

impl Iterator for Generator<'_> {
    type Item = GeneratedAccount;

    fn next(&mut self) -> Option<GeneratedAccount> {
        if self.next == self.accounts {
            return None;
        }
        self.next += 1;
        // Each account has dice of its own, so that a longer book begins like a
        // shorter one.
        let mut dice = Dice::new(self.seed, self.next);
        Some(generate(self.setup, self.as_of, self.next, &mut dice))
    }
}

fn generate(setup: &Setup, as_of: Date, number: u64, dice: &mut Dice) -> GeneratedAccount {
    let is_commercial = dice.one_in(5);
    let in_collections = dice.percent(45);
    let under_lien = dice.percent(6);
    let owed_cents = dice.between(if is_commercial { 20_000..900_000 } else { 2_600..60_000 });
    let contact = contact(number, is_commercial, dice);
    let account = Account {
        id: identifier(&format!("A-{number:07}")),
        contact: Some(contact.id.clone()),
        class: if is_commercial { "commercial" } else { "residential" }.to_owned(),
        status: if dice.one_in(60) { AccountStatus::Suspended } else { AccountStatus::Open },
        balance: dollars(if in_collections || under_lien { owed_cents } else { 0 }),
        attributes: attributes(is_commercial, dice),
    };
    let mut delinquencies = Vec::new();
    if in_collections {
        let code = if is_commercial { "COMM" } else { "RES" };
        let scheme = scheme(setup, code, |scheme| scheme.code.as_str() != "LIENS");
        delinquencies.extend(scheme.and_then(|scheme| {
            delinquency(scheme, &account, DelinquencyKind::Collections, "C", as_of, dice)
        }));
    }
    if under_lien {
        let kind =
            if dice.one_in(3) { DelinquencyKind::ParcelLien } else { DelinquencyKind::AddressLien };
        let scheme = scheme(setup, "LIENS", |_| true);
        delinquencies.extend(
            scheme.and_then(|scheme| delinquency(scheme, &account, kind, "L", as_of, dice)),
        );
    }
    GeneratedAccount { contact, account, delinquencies }
}

fn contact(number: u64, is_commercial: bool, dice: &mut Dice) -> Contact {
    let first = FIRST_NAMES[dice.below(FIRST_NAMES.len())];
    let last = LAST_NAMES[dice.below(LAST_NAMES.len())];
    let trade = TRADES[dice.below(TRADES.len())];
    Contact {
        id: identifier(&format!("C-{number:07}")),
        name: if is_commercial { format!("{last} {trade}") } else { format!("{first} {last}") },
        credit_points: i64::try_from(dice.below(4) * 5).unwrap_or(0),
        attributes: BTreeMap::new(),
    }
}

fn attributes(is_commercial: bool, dice: &mut Dice) -> BTreeMap<String, String> {
    let yes_or_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
    let mut attributes = BTreeMap::from([
        ("paperless".to_owned(), yes_or_no(dice.one_in(3))),
        ("ward".to_owned(), (1 + dice.below(8)).to_string()),
    ]);
    if !is_commercial {
        attributes.insert("senior".to_owned(), yes_or_no(dice.one_in(12)));
    }
    attributes
}

/// The scheme of the code, or else the first that will do: a book can be made
/// for any setup.
fn scheme<'a>(
    setup: &'a Setup,
    code: &str,
    will_do: impl Fn(&Scheme) -> bool,
) -> Option<&'a Scheme> {
    let named = SchemeCode::parse(code).ok().and_then(|code| setup.schemes.get(&code));
    let mut others = setup.schemes.values().filter(|scheme| scheme.bill_type.is_none());
    named.or_else(|| others.find(|scheme| will_do(scheme)))
}

fn delinquency(
    scheme: &Scheme,
    account: &Account,
    kind: DelinquencyKind,
    prefix: &str,
    as_of: Date,
    dice: &mut Dice,
) -> Option<Delinquency> {
    // Early milestones are more likely than late ones.
    let count = scheme.milestones.len();
    if count == 0 {
        return None;
    }
    let milestone = &scheme.milestones[dice.below(count).min(dice.below(count))];
    let entered_on = as_of.checked_sub_days(Days::new(days_at(milestone, dice)))?;
    let oldest_debt_on = entered_on.checked_sub_days(Days::new(20 + dice.below(70) as u64))?;
    let number = account.id.as_str().trim_start_matches("A-");
    Some(Delinquency {
        id: identifier(&format!("{prefix}-{number}")),
        account: account.id.clone(),
        kind,
        bill_type: None,
        origin: None,
        items: BTreeSet::new(),
        scheme: scheme.code.clone(),
        milestone: milestone.code.clone(),
        status: DelinquencyStatus::Open,
        entered_on,
        oldest_debt_on: Some(oldest_debt_on),
        balance: account.balance,
        extension_days: if dice.one_in(20) {
            3 + u32::try_from(dice.below(12)).unwrap_or(0)
        } else {
            0
        },
        hold: hold(as_of, dice),
        attributes: BTreeMap::new(),
        sequence: 0,
        version: 1,
    })
}

/// How long ago the milestone was entered: up to some days more than its
/// duration, so that part of the book is due and part is about to be.
fn days_at(milestone: &Milestone, dice: &mut Dice) -> u64 {
    let duration = match milestone.duration.days {
        Rule::Value(days) => u64::from(days),
        Rule::Formula(_) => 14,
    };
    dice.below(usize::try_from(duration + duration / 2).unwrap_or(0) + 4) as u64
}

fn hold(as_of: Date, dice: &mut Dice) -> Option<Hold> {
    if !dice.one_in(25) {
        return None;
    }
    let reasons = ["Payment arrangement", "Disputed bill", "Hardship review"];
    let reason = reasons[dice.below(reasons.len())].to_owned();
    let until = dice.one_in(2).then(|| as_of.checked_add_days(Days::new(dice.below(30) as u64)));
    Some(Hold { kind: HoldKind::Manual, reason, until: until.flatten(), outstanding: None })
}

fn dollars(cents: i64) -> Money {
    // USD is in the table of currencies; its absence would be a defect of ours.
    let Ok(currency) = Currency::parse("USD") else { unreachable!("USD is a currency") };
    Money::from_minor_units(cents, currency)
}

fn identifier<T: Identifier>(text: &str) -> T {
    match T::parse(text) {
        Ok(identifier) => identifier,
        Err(error) => unreachable!("a made-up identifier is well formed: {error}"),
    }
}

/// SplitMix64: small, fast, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn between(&mut self, range: std::ops::Range<i64>) -> i64 {
        let width = usize::try_from(range.end - range.start).unwrap_or(1);
        range.start + i64::try_from(self.below(width)).unwrap_or(0)
    }
}
