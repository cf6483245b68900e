//! The words of the cases: what an account has, what happens to it, and how
//! the answer is shown.

use super::book::Ledger;
use super::*;
use crate::decide::{Decision, Due, EntryDecision, Outcome};
use crate::payment::CollectedItem;
use crate::{Allocation, AllocationMarker, DelinquencyStatus, Hold, Terms};

/// The words of a line: plain ones in order, and those of the form `name=value`.
pub(super) struct Words<'a> {
    plain: Vec<&'a str>,
    named: BTreeMap<&'a str, &'a str>,
    line: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        let (named, plain): (Vec<&str>, Vec<&str>) =
            line.split_whitespace().partition(|word| word.contains('='));
        let named = named.into_iter().filter_map(|word| word.split_once('=')).collect();
        Self { plain, named, line }
    }

    pub(super) fn plain(&self, at: usize) -> &'a str {
        self.plain.get(at).unwrap_or_else(|| panic!("`{}` lacks word {at}", self.line))
    }

    fn named(&self, name: &str) -> Option<&'a str> {
        self.named.get(name).copied()
    }

    fn list(&self, name: &str) -> Vec<&'a str> {
        self.named(name).map_or_else(Vec::new, |text| text.split(',').collect())
    }

    fn amount(&self, text: &str) -> Amount {
        let currency = self.named("currency").map(|code| Currency::parse(code).unwrap());
        Amount { text: text.to_owned(), currency }
    }
}

impl Ledger {
    /// `account`, `item` or `record`: what the account has before anything
    /// happens. A line item adds to the account's balance.
    pub(super) fn has(&mut self, words: &Words<'_>) {
        match words.plain(0) {
            "account" => self.account.balance = money(words.plain(1)),
            "item" => {
                let item = item(words);
                if !item.marker.is_settled() {
                    self.account.balance = self.account.balance.checked_add(item.amount).unwrap();
                }
                self.items.push(item);
            }
            "record" => self.records.push(record(words)),
            other => panic!("no account has a {other}"),
        }
    }
}

/// `item ID BILL-TYPE AMOUNT [due=] [marker=] [set=]`: with `set`, all of it is in
/// the set of that reference.
fn item(words: &Words<'_>) -> LineItem {
    let set = words.named("set").map(|reference| Allocation {
        reference: id(reference),
        on: date(words.named("posted").unwrap_or("2026-04-01")),
        amount: money(words.plain(3)),
        was: (reference != words.plain(1)).then_some(AllocationMarker::Unallocated),
    });
    LineItem {
        id: id(words.plain(1)),
        bill_type: Some(words.plain(2)).filter(|text| *text != "-").map(str::to_owned),
        posted_on: date(words.named("posted").unwrap_or("2026-04-01")),
        due_on: words.named("due").map(date),
        amount: money(words.plain(3)),
        marker: words
            .named("marker")
            .map_or(AllocationMarker::Unallocated, |it| AllocationMarker::parse(it).unwrap()),
        spent: Vec::new(),
        lowered: Vec::new(),
        reverses: None,
        allocations: set.into_iter().collect(),
        terms: Terms::default(),
    }
}

/// `collect PAYMENT items=ID@AMOUNT[/OPEN],... [credits=ID@PART,...] net= [discount=]
/// [tax=]`: what a run has selected, without a mandate.
fn collected(words: &Words<'_>) -> Collected {
    let amount = |name| words.named(name).map_or(money("0.00"), money);
    let parts = |name| words.list(name).into_iter().map(|it| it.split_once('@').unwrap());
    let item = |(item, amounts): (&str, &str)| {
        let (amount, open) = amounts.split_once('/').unwrap_or((amounts, amounts));
        let none = money("0.00");
        let (amount, open) = (money(amount), money(open));
        CollectedItem {
            id: id(item),
            due_on: None,
            amount,
            open,
            discount: none,
            discount_tax: none,
        }
    };
    let (net, discount, discount_tax) = (amount("net"), amount("discount"), amount("tax"));
    Collected {
        payment: id(words.plain(3)),
        run: id("payment-000001"),
        collects: Payment {
            items: parts("items").map(item).collect(),
            credits: parts("credits").map(|(credit, part)| (id(credit), money(part))).collect(),
            gross: net.checked_add(discount).unwrap(),
            discount,
            discount_tax,
            net,
            mandate: None,
            collection_date: date(words.plain(1)),
        },
        ledger: super::collections::profile().ledger,
        actions: Vec::new(),
    }
}

/// `record ID KIND SCHEME/MILESTONE BALANCE [since=] [items=] ...`; a bill type
/// in place of a kind is a record of that type.
fn record(words: &Words<'_>) -> Delinquency {
    let (scheme, milestone) = words.plain(3).split_once('/').unwrap();
    let kind = DelinquencyKind::parse(words.plain(2));
    let resolved = words.named("resolved").and_then(|text| text.split_once('@'));
    Delinquency {
        id: id(words.plain(1)),
        account: id("A-1"),
        kind: kind.unwrap_or(DelinquencyKind::BillType),
        bill_type: kind.is_none().then(|| words.plain(2).to_owned()),
        origin: words.named("origin").map(id),
        items: words.list("items").into_iter().map(id).collect(),
        scheme: id(scheme),
        milestone: id(milestone),
        status: match resolved {
            Some((code, on)) => DelinquencyStatus::Resolved { code: code.to_owned(), on: date(on) },
            None => DelinquencyStatus::Open,
        },
        entered_on: date(words.named("since").unwrap_or("2026-06-01")),
        oldest_debt_on: words.named("oldest").map(date),
        balance: money(words.plain(4)),
        extension_days: words.named("extended").map_or(0, |days| days.parse().unwrap()),
        hold: words.named("hold").map(|kind| Hold {
            kind: HoldKind::parse(kind).unwrap(),
            reason: "before".to_owned(),
            until: words.named("until").map(date),
            outstanding: words.named("promised").map(money),
        }),
        attributes: BTreeMap::new(),
        sequence: words.named("sequence").map_or(1, |number| number.parse().unwrap()),
        version: 1,
    }
}

/// `on DATE WHAT ...`
pub(super) fn event(words: &Words<'_>, number: usize) -> Event {
    let delinquency = words.named("record").map(id);
    let until = words.named("until").map(date);
    let amount = words.named("amount").map(|text| words.amount(text));
    let hold_kind = |text: &str| HoldKind::parse(text).unwrap();
    let kind = match words.plain(2) {
        "payment" => EventKind::PaymentPosted {
            payment: id(words.plain(3)),
            amount: words.amount(words.plain(4)),
            bill_type: words.named("for").map(str::to_owned),
        },
        "reversal" => EventKind::PaymentReversed {
            payment: words.named("payment").map(id),
            amount,
            void: Void {
                return_code: words.named("code").map(str::to_owned),
                withhold: words.plain.contains(&"withhold"),
            },
        },
        "collect" => EventKind::Collected(Box::new(collected(words))),
        "hold" => {
            let (kind, reason) = (hold_kind(words.plain(3)), "asked for".to_owned());
            EventKind::Held { delinquency, kind, reason, until, amount }
        }
        "release" => {
            let kind = words.named("kind").map(hold_kind);
            EventKind::Released { delinquency, kind, outcome: "released".to_owned() }
        }
        "extend" => EventKind::Extended { delinquency, days: words.plain(3).parse().unwrap() },
        "resolve" => {
            let of = words.list("of").into_iter().map(|it| DelinquencyKind::parse(it).unwrap());
            let of: Vec<DelinquencyKind> = of.collect();
            let of = if of.is_empty() { DelinquencyKind::ALL.to_vec() } else { of };
            EventKind::Resolved { delinquency, of, code: words.plain(3).to_owned() }
        }
        "write-off" => EventKind::WrittenOff { delinquency, code: words.plain(3).to_owned() },
        "place" => EventKind::Placed(Placement {
            kind: DelinquencyKind::parse(words.plain(3)).unwrap(),
            delinquency,
            items: words.list("items").into_iter().map(id).collect(),
            scheme: words.named("scheme").map(id),
            even_if_not_eligible: words.plain.contains(&"anyway"),
            attributes: BTreeMap::new(),
        }),
        "acknowledge" => {
            EventKind::Acknowledged { delinquency, collection_agency: words.plain(3).to_owned() }
        }
        other => panic!("nothing is called {other}"),
    };
    let id = words.named("id").map_or_else(|| id(&format!("E-{number}")), id);
    Event { id, account: self::id("A-1"), on: date(words.plain(1)), kind }
}

/// An answer, a line for each record, line item and balance that changes.
pub(super) fn show(answer: &Result<Applied, Rejection>) -> Vec<String> {
    let applied = match answer {
        Ok(applied) => applied,
        Err(rejection) => return vec![format!("{}: {rejection}", rejection.code())],
    };
    let mut lines: Vec<String> = applied.changes.iter().map(|(it, _)| show_change(it)).collect();
    for item in &applied.items {
        let spent = item.spent.iter().map(|(id, amount)| format!(" {amount} on {id}"));
        let of = item.bill_type.as_deref().map_or_else(String::new, |of| format!(" ({of})"));
        let spent: String = spent.collect();
        lines.push(format!("item {}{of} {}:{spent}", item.id, item.amount));
    }
    if applied.balance_change.minor_units() != 0 {
        let (balance, change) = (applied.account.balance, applied.balance_change);
        lines.push(format!("account {balance}, changed by {change}"));
    }
    let types = applied.looks_again.join(", ");
    for after in applied.changed_items.iter().map(|change| &change.after) {
        lines.push(match (after.marker, after.allocations.last()) {
            (AllocationMarker::Correction, _) => {
                format!("{} is void; runs look again at [{types}]", after.id)
            }
            (marker, None) => {
                let returned = format!(", returned {} times", after.terms.returned);
                let returned = Some(returned).filter(|_| after.terms.returned > 0);
                format!("{} is {}{}", after.id, marker.as_str(), returned.unwrap_or_default())
            }
            (marker, Some(set)) => {
                format!("{} is {}, {} in {}", after.id, marker.as_str(), set.amount, set.reference)
            }
        });
    }
    lines.extend(applied.posting.as_ref().map(show_posting));
    lines
}

/// `ledger void 2026-06: bank -60.00, debtor 60.00`
fn show_posting(posting: &Posting) -> String {
    let lines = posting.lines.iter();
    let lines: Vec<String> =
        lines.map(|line| format!("{} {}", line.kind.as_str(), line.amount)).collect();
    format!("ledger {} {}: {}", posting.kind.as_str(), posting.period, lines.join(", "))
}

/// `D-1 decrement FINAL -> LATE, owes 40.00: t:leave-final`
fn show_change(changed: &Changed) -> String {
    let (before, after) = (changed.before.as_ref(), &changed.after);
    let place = |record: &Delinquency| match &record.status {
        DelinquencyStatus::Open => record.milestone.to_string(),
        DelinquencyStatus::Resolved { code, .. } => format!("({code})"),
    };
    let was = before.map_or_else(|| "-".to_owned(), place);
    let mut text = format!("{} {} {was} -> {}", after.id, changed.event.as_str(), place(after));
    text += &format!(", owes {} on {}", after.balance, changed.on);
    if let Some(oldest) = after.oldest_debt_on {
        text += &format!(", oldest {oldest}");
    }
    if before.map(|it| &it.items) != Some(&after.items) && !after.items.is_empty() {
        let items: Vec<&str> = after.items.iter().map(Identifier::as_str).collect();
        text += &format!(", items {}", items.join(" "));
    }
    if let Some(origin) = after.origin.as_ref().filter(|_| before.is_none()) {
        text += &format!(", from {origin}");
    }
    if let Some(hold) = &after.hold {
        let until = hold.until.map_or_else(String::new, |until| format!(" until {until}"));
        let outstanding = hold.outstanding.map_or_else(String::new, |left| format!(" for {left}"));
        text += &format!(", held ({}){outstanding}{until}", hold.kind.as_str());
    }
    if after.extension_days > 0 {
        text += &format!(", extended by {}", after.extension_days);
    }
    if let Due::On(due) = changed.due {
        text += &format!(", due {due}");
    }
    let actions: Vec<&str> = changed.actions.iter().map(|it| it.action_type.as_str()).collect();
    if actions.is_empty() { text } else { format!("{text}: {}", actions.join(", ")) }
}

/// What a run decided about a record.
pub(super) fn show_decision(decision: &Decision) -> Vec<String> {
    vec![match &decision.outcome {
        Outcome::Change(changed) => show_change(changed),
        Outcome::Omit(reason) => reason.as_str().to_owned(),
        Outcome::Error(error) => format!("{}: {error}", error.code()),
    }]
}

/// What a delinquency run decided about a bill type.
pub(super) fn show_entry(entry: &EntryDecision) -> Vec<String> {
    let mut lines = show_decision(&entry.decision);
    lines.extend(entry.look_again.map(|date| format!("look again {date}")));
    lines
}
