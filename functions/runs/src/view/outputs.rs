//! The outputs of the source document, as views over the effects of an
//! account's transitions. `docs/OUTPUTS.md` has the mapping.

use arrears_domain::payment::Posting;
use arrears_domain::{Effect, Severity, Transition};
use arrears_storage::document::Amount;
use serde::Serialize;

/// All outputs of an account, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outputs {
    /// ACCOUNTACTIVITY.
    pub account_activity: Vec<AccountActivity>,
    /// ACCOUNTALERT.
    pub account_alert: Vec<AccountAlert>,
    /// DEPOSITCHARGE.
    pub deposit_charge: Vec<DepositCharge>,
    /// LOG.
    pub log: Vec<LogEntry>,
    /// ONEOFFCHARGE.
    pub one_off_charge: Vec<OneOffCharge>,
    /// CORRSCHEDULE.
    pub correspondence_schedule: Vec<CorrespondenceSchedule>,
    /// CUSTPROB.
    pub service_request: Vec<ServiceRequest>,
    /// CREDITHISTORY.
    pub credit_history: Vec<CreditHistory>,
    /// Effects of a vendor's own.
    pub custom: Vec<CustomEffect>,
}

/// Where an output comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The permanent key of the effect.
    pub key: String,
    /// The delinquency; none of what is done for a payment that a run collects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delinquency: Option<String>,
    /// The payment that a run has collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<String>,
    /// The business date.
    pub on: String,
    /// The run, or the event.
    pub cause: String,
}

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct $name {
            /// Where it comes from.
            #[serde(flatten)]
            pub origin: Origin,
            $($(#[$field_doc])* pub $field: $type,)*
        }
    )*};
}

views! {
    /// One for each charge, penalty and deposit, linked to it.
    AccountActivity {
        /// What was added to the balance.
        amount: Amount,
        /// Its currency.
        currency: String,
        /// Key of the one-off charge, if it is one.
        one_off_charge: Option<String>,
        /// Key of the deposit charge, if it is one.
        deposit_charge: Option<String>,
    }
    /// An alert on the account.
    AccountAlert {
        /// `info`, `warning` or `critical`.
        severity: &'static str,
        /// What staff see.
        message: String,
        /// The last day on which it is shown.
        expires_on: Option<String>,
    }
    /// A deposit that was demanded.
    DepositCharge {
        /// Code of the line item type.
        line_item_type: String,
        /// What was demanded.
        amount: Amount,
        /// Its currency.
        currency: String,
        /// By when.
        due_on: Option<String>,
        /// A line for the bill.
        memo: String,
    }
    /// A line of the account's log.
    LogEntry {
        /// `info`, `warning` or `critical`.
        severity: &'static str,
        /// The line.
        message: String,
    }
    /// A one-off charge.
    OneOffCharge {
        /// `charge` or `penalty`.
        applied_as: &'static str,
        /// Code of the line item type.
        line_item_type: String,
        /// What was charged.
        amount: Amount,
        /// Its currency.
        currency: String,
        /// A line for the bill.
        memo: String,
    }
    /// Correspondence to be sent.
    CorrespondenceSchedule {
        /// Code of the correspondence process.
        correspondence: String,
        /// `letter`, `email` and so on.
        channel: String,
        /// The fields, filled in.
        fields: Vec<(String, String)>,
    }
    /// A service request.
    ServiceRequest {
        /// Code of the request type.
        request_type: String,
        /// What is to be done.
        summary: String,
        /// 1 is the most urgent.
        priority: u8,
        /// Details.
        fields: Vec<(String, String)>,
    }
    /// Credit points given to the primary contact.
    CreditHistory {
        /// More are worse.
        points: u32,
        /// Why.
        reason: String,
    }
    /// An effect of a vendor's own.
    CustomEffect {
        /// What it is.
        kind: String,
        /// Version of the body's shape.
        schema_version: u32,
        /// A JSON document.
        body: String,
    }
}

impl Outputs {
    /// The outputs of transitions.
    #[must_use]
    pub fn of<'a>(transitions: impl IntoIterator<Item = &'a Transition>) -> Self {
        let mut outputs = Self::default();
        for transition in transitions {
            for (key, _, effect) in transition.effects() {
                let origin = Origin {
                    key,
                    delinquency: Some(transition.delinquency.to_string()),
                    payment: None,
                    on: transition.on.to_string(),
                    cause: transition.cause.clone(),
                };
                outputs.add(origin, effect);
            }
        }
        outputs
    }

    /// With the outputs of what was done for payments that runs have collected.
    #[must_use]
    pub fn with_postings(mut self, postings: &[Posting]) -> Self {
        for posting in postings {
            for action in &posting.actions {
                for (at, effect) in action.effects().iter().enumerate() {
                    let origin = Origin {
                        key: format!("{}/{}/{at}", posting.payment, action.position),
                        delinquency: None,
                        payment: Some(posting.payment.to_string()),
                        on: posting.on.to_string(),
                        cause: posting.cause.clone(),
                    };
                    self.add(origin, effect);
                }
            }
        }
        self
    }

    fn add(&mut self, origin: Origin, effect: &Effect) {
        match effect.clone() {
            Effect::Notice { correspondence, channel, fields } => self
                .correspondence_schedule
                .push(CorrespondenceSchedule { origin, correspondence, channel, fields }),
            Effect::OneOffCharge { line_item_type, amount, memo } => {
                self.charge(origin, "charge", line_item_type, amount, memo);
            }
            Effect::OneOffPenalty { line_item_type, amount, memo } => {
                self.charge(origin, "penalty", line_item_type, amount, memo);
            }
            Effect::DepositCharge { line_item_type, amount, due_on, memo } => {
                self.activity(&origin, amount, None, Some(origin.key.clone()));
                self.deposit_charge.push(DepositCharge {
                    origin,
                    line_item_type,
                    amount: amount.into(),
                    currency: amount.currency().code().to_owned(),
                    due_on: due_on.map(|date| date.to_string()),
                    memo,
                });
            }
            Effect::Alert { severity, message, expires_on } => {
                let expires_on = expires_on.map(|date| date.to_string());
                let severity = word(severity);
                self.account_alert.push(AccountAlert { origin, severity, message, expires_on });
            }
            Effect::LogEntry { severity, message } => {
                self.log.push(LogEntry { origin, severity: word(severity), message });
            }
            Effect::CreditPoints { points, reason } => {
                self.credit_history.push(CreditHistory { origin, points, reason });
            }
            Effect::ServiceRequest { request_type, summary, priority, fields } => self
                .service_request
                .push(ServiceRequest { origin, request_type, summary, priority, fields }),
            Effect::Custom { kind, schema_version, body } => {
                self.custom.push(CustomEffect { origin, kind, schema_version, body });
            }
        }
    }

    fn charge(
        &mut self,
        origin: Origin,
        applied_as: &'static str,
        line_item_type: String,
        amount: arrears_domain::Money,
        memo: String,
    ) {
        self.activity(&origin, amount, Some(origin.key.clone()), None);
        self.one_off_charge.push(OneOffCharge {
            origin,
            applied_as,
            line_item_type,
            amount: amount.into(),
            currency: amount.currency().code().to_owned(),
            memo,
        });
    }

    fn activity(
        &mut self,
        origin: &Origin,
        amount: arrears_domain::Money,
        one_off_charge: Option<String>,
        deposit_charge: Option<String>,
    ) {
        self.account_activity.push(AccountActivity {
            origin: origin.clone(),
            amount: amount.into(),
            currency: amount.currency().code().to_owned(),
            one_off_charge,
            deposit_charge,
        });
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}
