//! Random events, right and wrong ones.

use super::book::BILL_TYPES;
use super::random::Random;
use arrears_domain::Date;
use arrears_storage::AccountPage;
use chrono::Days;
use serde_json::{Map, Value, json};

/// What events may be about.
pub struct World<'a> {
    /// The accounts as they stand.
    pub pages: &'a [AccountPage],
    /// Lines that were sent before.
    pub sent: &'a [String],
    /// Today.
    pub today: Date,
}

impl World<'_> {
    /// An event under a new id; or one that was sent before, perhaps with other
    /// content.
    pub fn event(&self, random: &mut Random, number: usize) -> String {
        if !self.sent.is_empty() && random.chance(8) {
            return random.pick(self.sent);
        }
        let page = &self.pages[random.below(self.pages.len())];
        let mut id = format!("E-{number}");
        if !page.events.is_empty() && random.chance(3) {
            id.clone_from(&page.events[random.below(page.events.len())].id);
        }
        let account = if random.chance(3) { "A-9".to_owned() } else { page.account.id.to_string() };
        let (event_type, mut data) = self.kind(random, page);
        // Now and then an event comes some days late.
        let late = if random.chance(15) { 1 + random.below(6) } else { 0 };
        data.insert("on".to_owned(), json!((self.today - Days::new(late as u64)).to_string()));
        json!({
            "specversion": "1.0", "id": id, "source": "/life",
            "type": format!("arrears.{event_type}"), "subject": account, "data": data,
        })
        .to_string()
    }

    fn kind(&self, random: &mut Random, page: &AccountPage) -> (&'static str, Map<String, Value>) {
        let mut data = Map::new();
        let mut put = |name: &str, value: Value| drop(data.insert(name.to_owned(), value));
        let names_record = random.chance(60);
        let event_type = match random.below(20) {
            0..=6 => {
                put("amount", json!(amount(random, page)));
                if random.chance(30) {
                    put("bill_type", json!(random.pick(&BILL_TYPES)));
                }
                if random.chance(5) {
                    put("currency", json!(random.pick(&["USD", "EUR"])));
                }
                return ("payment.posted", data);
            }
            7..=9 => {
                let credits =
                    page.transactions.iter().filter(|it| it.amount.as_str().starts_with('-'));
                let credits: Vec<&str> = credits.map(|it| it.id.as_str()).collect();
                match credits.as_slice() {
                    [] => put("payment", json!("NEVER")),
                    _ if random.chance(20) => put("amount", json!(random.amount(9_000))),
                    credits => put("payment", json!(random.pick(credits))),
                }
                return ("payment.reversed", data);
            }
            10 => "delinquency.released",
            11 => {
                put("days", json!(random.below(9) as i64 - 1));
                "delinquency.extended"
            }
            12 => {
                put("code", json!("BY-HAND"));
                "delinquency.resolved"
            }
            13 => random.pick(&["delinquency.written-off", "delinquency.recalled"]),
            14 => "delinquency.lien-released",
            15 | 16 => {
                self.hold(random, page, &mut put);
                random.pick(&[
                    "delinquency.held",
                    "arrangement.made",
                    "promise.made",
                    "dispute.opened",
                ])
            }
            17 => random.pick(&["arrangement.broken", "promise.kept", "dispute.settled"]),
            _ => {
                let is_lien = random.chance(50);
                if is_lien {
                    put("kind", json!(random.pick(&["address-lien", "parcel-lien"])));
                }
                put("even_if_not_eligible", json!(random.chance(30)));
                if random.chance(30) && !page.transactions.is_empty() {
                    let item = &page.transactions[random.below(page.transactions.len())].id;
                    put("items", json!([item]));
                }
                if is_lien { "delinquency.lien-added" } else { "delinquency.sent-to-collections" }
            }
        };
        if names_record && !page.delinquencies.is_empty() {
            let record = &page.delinquencies[random.below(page.delinquencies.len())];
            put("delinquency", json!(record.id.to_string()));
        }
        (event_type, data)
    }

    fn hold(&self, random: &mut Random, page: &AccountPage, put: &mut impl FnMut(&str, Value)) {
        put("reason", json!("life"));
        if random.chance(70) {
            let until = self.today + Days::new(random.below(12) as u64) - Days::new(1);
            put("until", json!(until.to_string()));
        }
        if random.chance(50) {
            put("amount", json!(amount(random, page)));
        }
    }
}

/// All that the account owes, a part of it, more than that, or nothing of use.
fn amount(random: &mut Random, page: &AccountPage) -> String {
    let owed = page.delinquencies.iter().map(|record| record.balance);
    let owed = owed.max_by_key(|balance| balance.minor_units());
    match (random.below(10), owed) {
        (0..=2, Some(owed)) => owed.to_string(),
        (3, _) => page.account.balance.to_string(),
        (4, _) => random.pick(&["0.00", "-5.00", "1.001", "much"]).to_owned(),
        (5, _) => random.amount(20_000),
        _ => random.amount(4_000),
    }
}
