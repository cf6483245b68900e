//! The actions of a profile, such as the pre-notification: performed for each
//! payment when it is collected, in the sandbox, and committed with it.

use super::plan::{PlannedPayment, ReadInputs};
use crate::act;
use crate::events::Refusal;
use crate::prepare::{Prepared, PreparedAction};
use crate::record::Totals;
use crate::subject::payment_subject;
use arrears_domain::formula::{AccountCase, Value};
use arrears_domain::payment::Payment;
use arrears_domain::setup::{Action, BankFormat, PaymentProfile};
use arrears_domain::{ActionOutcome, Date, Effect, PerformedAction};
use arrears_host as host;
use std::collections::BTreeSet;
use std::time::Instant;

/// A payment on its way through the actions.
pub(super) struct Notified<'a> {
    pub(super) planned: &'a PlannedPayment,
    pub(super) payment: &'a Payment,
    pub(super) inputs: &'a ReadInputs,
    /// What was done for it.
    pub(super) actions: Vec<PerformedAction>,
    /// The first action that failed.
    pub(super) refusal: Option<Refusal>,
}

/// What all payments of a run are acted on with.
pub(super) struct Notices<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) profile: &'a PaymentProfile,
    pub(super) agency: &'a str,
    pub(super) run_key: &'a str,
    pub(super) on: Date,
    /// The digests of plugins that are not to be called.
    pub(super) quarantined: &'a BTreeSet<String>,
}

impl Notices<'_> {
    /// Performs the actions for payments. One for which an action fails takes no part
    /// in the next, and is not collected.
    pub(super) fn perform(&self, payments: &mut [Notified<'_>], totals: &mut Totals) {
        let actions = self.prepared.payment_actions(&self.profile.code);
        for (position, (action, prepared)) in actions.iter().enumerate() {
            let mut indexes = Vec::new();
            for (index, notified) in payments.iter_mut().enumerate() {
                if notified.refusal.is_some() {
                    continue;
                }
                match self.takes_part(action, notified.inputs) {
                    Ok(true) if self.quarantined.contains(prepared.installed.plugin.digest()) => {
                        totals.withhold(&prepared.installed.plugin);
                        notified.refusal = Some(barred(prepared));
                    }
                    Ok(true) => indexes.push(index),
                    Ok(false) => {}
                    Err(refusal) => notified.refusal = Some(refusal),
                }
            }
            self.one(position, prepared, payments, &indexes, totals);
        }
    }

    fn takes_part(&self, action: &Action, inputs: &ReadInputs) -> Result<bool, Refusal> {
        let Some(condition) = &action.condition else { return Ok(true) };
        let (account, contact) = (&inputs.account, inputs.contact.as_ref());
        let case = AccountCase { account, contact, as_of: self.on };
        let evaluated = condition.evaluate(&case).map_err(|error| {
            let message = format!("condition of action {}: {error}", action.action_type);
            Refusal::new("CONDITION_FAILED", message)
        })?;
        Ok(evaluated.value == Value::Bool(true))
    }

    /// One action for those that take part.
    fn one(
        &self,
        position: usize,
        action: &PreparedAction,
        payments: &mut [Notified<'_>],
        indexes: &[usize],
        totals: &mut Totals,
    ) {
        if indexes.is_empty() {
            return;
        }
        let subjects: Vec<host::Subject> =
            indexes.iter().map(|index| self.subject(&payments[*index], action)).collect();
        let started = Instant::now();
        let plugin = &action.installed.plugin;
        let performed = plugin.perform(
            &action.installed.grant,
            &self.context(),
            &action.configuration,
            &subjects,
        );
        totals.process(&action.action_type, indexes.len() as u64, started.elapsed());
        totals.plugin(plugin, &performed);
        for (index, case) in indexes.iter().zip(performed.cases) {
            let notified = &mut payments[*index];
            match act::outcome(&self.prepared.setup, case).and_then(without_money) {
                Ok(outcome) => notified.actions.push(PerformedAction {
                    position: u32::try_from(position).unwrap_or(u32::MAX),
                    action_type: action.action_type.clone(),
                    plugin_digest: plugin.digest().to_owned(),
                    outcome,
                }),
                Err((code, message)) => {
                    let message = format!("action {}: {message}", action.action_type);
                    notified.refusal = Some(Refusal { code, message });
                }
            }
        }
    }

    fn subject(&self, notified: &Notified<'_>, action: &PreparedAction) -> host::Subject {
        let Notified { planned, payment, inputs, .. } = notified;
        let mut own = vec![
            ("payment.id", planned.id.clone()),
            ("payment.amount", payment.net.to_string()),
            ("payment.currency", planned.currency.clone()),
            ("payment.collection_date", payment.collection_date.to_string()),
            ("payment.discount", payment.discount.to_string()),
        ];
        if let Some(mandate) = &planned.mandate {
            own.push(("payment.mandate", mandate.clone()));
        }
        match &self.profile.bank {
            Some(BankFormat::Pain008(creditor)) => {
                own.push(("payment.creditor", creditor.name.clone()));
                own.push(("payment.creditor_id", creditor.id.to_string()));
            }
            Some(BankFormat::Nacha(originator)) => {
                own.push(("payment.creditor", originator.name.clone()));
                own.push(("payment.creditor_id", originator.company_id.clone()));
            }
            None => {}
        }
        payment_subject(
            &self.prepared.setup,
            (&inputs.account, inputs.contact.as_ref()),
            (&planned.id, payment.net, payment.collection_date),
            &own,
            &action.facts_needed,
        )
    }

    /// Where the action is called: the profile takes the place of the scheme, and
    /// there is no milestone.
    fn context(&self) -> host::Context {
        host::Context {
            run_key: self.run_key.to_owned(),
            agency: self.agency.to_owned(),
            scheme: self.profile.code.clone(),
            milestone: String::new(),
            level: 0,
            event: host::contract::Event::EntryOrIncrement,
            as_of: self.on.to_string(),
            attempt: 1,
        }
    }
}

/// Why a payment is not collected: its actions happen with it, or it does not.
fn barred(action: &PreparedAction) -> Refusal {
    let message = act::in_quarantine(action);
    Refusal { code: "PLUGIN_QUARANTINED".to_owned(), message }
}

/// A payment's actions charge nothing and rate nobody: what they would add to is not
/// written with it.
fn without_money(outcome: ActionOutcome) -> Result<ActionOutcome, (String, String)> {
    let ActionOutcome::Applied(effects) = &outcome else { return Ok(outcome) };
    let touches = |effect: &&Effect| {
        effect.charged().is_some() || matches!(effect, Effect::CreditPoints { .. })
    };
    match effects.iter().find(touches) {
        Some(effect) => {
            let message = format!("a payment has no effect of kind {}", effect.kind().as_str());
            Err(("EFFECT_REFUSED".to_owned(), message))
        }
        None => Ok(outcome),
    }
}
