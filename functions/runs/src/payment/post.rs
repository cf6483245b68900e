//! Posting: each payment of the plan is applied to its account, once, in one
//! transaction with the ledger. It comes before any file: a file has what was
//! posted and nothing else.

use super::coordinator::Work;
use super::notice::{Notices, Notified};
use super::outcome::Refused;
use super::plan::{self, PlanReader, PlannedAccount, PlannedPayment, ReadInputs};
use super::record::Progress;
use crate::error::RunError;
use crate::events::{Applier, Refusal, Settled, Understood, digest};
use crate::record::Totals;
use crate::registry;
use arrears_domain::event::{Collected, Event, EventKind};
use arrears_domain::payment::Payment;
use arrears_domain::{
    AccountId, Date, EventId, Identifier, IdentifierError, LineItemId, MandateId, RunKey,
};
use arrears_storage::document::EventLine;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Payments that are posted together.
const BATCH_PAYMENTS: usize = 200;

/// The type of the event that a collection is.
const EVENT_TYPE: &str = "arrears.payment.collected";

/// Posts all payments of a plan, and notes its prenotes. Gives those that were
/// refused. It may stop between two batches, and goes on after the last of them.
pub(super) async fn post(
    work: &Work<'_>,
    plan_key: &str,
    progress: &mut Progress<'_>,
    totals: &mut Totals,
) -> Result<Refused, RunError> {
    let applier = Applier::new(work.store.clone(), work.stored);
    let poster = Poster { work, applier, run_key: crate::run::key(&progress.record.run_key)? };
    let mut plan = PlanReader::open(work.store, plan_key).await?;
    let run_key = progress.record.run_key.clone();
    let posted_before = progress.part().posted_accounts;
    let mut refused = Refused::get_until(work.store, &run_key, posted_before).await?;
    let (mut batch, mut posted, mut accounts) = (Vec::new(), 0, 0);
    loop {
        let line = plan.next().await?;
        let is_end = line.is_none();
        if let Some(account) = line {
            accounts += 1;
            if accounts <= posted_before {
                posted += u64::from(account.payment.is_some());
                continue;
            }
            if account.prenote.is_some() {
                poster.prenote(&account, &mut refused).await?;
            }
            if account.payment.is_some() {
                batch.push(account);
            }
        }
        if batch.len() == BATCH_PAYMENTS || is_end {
            posted += batch.len() as u64;
            poster.batch(std::mem::take(&mut batch), &mut refused, totals).await?;
            progress.at(posted).await?;
        }
        if is_end {
            return Ok(refused);
        }
        if batch.is_empty() && progress.is_out_of_time() {
            refused = refused.put_until(work.store, &run_key, accounts).await?;
            progress.part().posted_accounts = accounts;
            progress.record.totals = Some(totals.clone());
            progress.may_stop().await?;
        }
    }
}

struct Poster<'a> {
    work: &'a Work<'a>,
    applier: Applier,
    run_key: RunKey,
}

/// A payment with what it was decided from.
struct Read {
    planned: PlannedPayment,
    payment: Payment,
    inputs: ReadInputs,
}

impl Poster<'_> {
    async fn batch(
        &self,
        batch: Vec<PlannedAccount>,
        refused: &mut Refused,
        totals: &mut Totals,
    ) -> Result<(), RunError> {
        let read: Vec<Read> = batch
            .into_iter()
            .filter_map(|it| self.read(it).transpose())
            .collect::<Result<_, _>>()?;
        let mut notified: Vec<Notified<'_>> = read
            .iter()
            .map(|it| Notified {
                planned: &it.planned,
                payment: &it.payment,
                inputs: &it.inputs,
                actions: Vec::new(),
                refusal: None,
            })
            .collect();
        let quarantined = registry::quarantined(self.work.store).await?;
        let notices = self.notices(&quarantined);
        let mut own = Totals::default();
        tokio::task::block_in_place(|| notices.perform(&mut notified, &mut own));
        if let Some(first) = notified.first() {
            let (place, prepared) = (&first.planned.id, &self.work.stored.prepared);
            registry::strike_all(self.work.store, prepared, place, &mut own).await?;
        }
        totals.add(&own);
        self.keep_posted(&mut notified).await?;
        let mut events = Vec::with_capacity(notified.len());
        for notified in &notified {
            events.push(match &notified.refusal {
                None => Some(self.event(notified)?),
                Some(_) => None,
            });
        }
        let settled = self.applier.settle_all(events).await?;
        for (notified, settled) in notified.into_iter().zip(settled) {
            let refusal = match settled {
                Some(Settled::Refused(refusal)) => Some(refusal),
                _ => notified.refusal,
            };
            if let Some(refusal) = refusal {
                refused.add(notified.planned.number, refusal);
            }
        }
        Ok(())
    }

    /// What an action refuses when it is performed again, after a kill, was posted
    /// before if it did not refuse it then. That stands.
    async fn keep_posted(&self, notified: &mut [Notified<'_>]) -> Result<(), RunError> {
        let refused = notified.iter().filter(|it| it.refusal.is_some());
        let ids: Vec<AccountId> = refused.map(|it| it.inputs.account.id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let books = self.work.store.account_books(&ids).await?;
        for it in notified.iter_mut().filter(|it| it.refusal.is_some()) {
            let book = books.iter().find(|book| book.account.id == it.inputs.account.id);
            let mut postings = book.into_iter().flat_map(|book| &book.postings);
            if postings.any(|posting| posting.payment.as_str() == it.planned.id) {
                it.refusal = None;
            }
        }
        Ok(())
    }

    fn read(&self, account: PlannedAccount) -> Result<Option<Read>, RunError> {
        let Some(planned) = account.payment else { return Ok(None) };
        let inputs = account.inputs.read();
        let inputs = inputs.map_err(|error| RunError::BookLine(Box::new(error)))?;
        let payment = planned.payment(&inputs.mandates);
        let payment = payment.map_err(|reason| plan::damaged(&self.run_key, reason))?;
        Ok(Some(Read { planned, payment, inputs }))
    }

    fn notices<'a>(&'a self, quarantined: &'a BTreeSet<String>) -> Notices<'a> {
        Notices {
            quarantined,
            prepared: &self.work.stored.prepared,
            profile: self.work.profile,
            agency: self.work.store.agency().as_str(),
            run_key: self.run_key.as_str(),
            on: self.on(),
        }
    }

    fn on(&self) -> Date {
        self.work.on
    }

    /// The event that a payment is. What its actions did is no part of what tells
    /// two events apart: they are performed again when a run goes on.
    fn event(&self, notified: &Notified<'_>) -> Result<Understood, RunError> {
        let Notified { planned, payment, inputs, actions, .. } = notified;
        let account = &inputs.account.id;
        let all = json!({ "run": self.run_key.as_str(), "collects": planned });
        let mut data = Map::new();
        for (name, value) in [
            ("run", self.run_key.as_str()),
            ("currency", &planned.currency),
            ("gross", planned.gross.as_str()),
            ("discount", planned.discount.as_str()),
            ("net", planned.net.as_str()),
        ] {
            data.insert(name.to_owned(), Value::from(value));
        }
        let Value::Object(all) = all else { unreachable!("written as an object above") };
        let line = EventLine {
            id: planned.id.clone(),
            account: account.to_string(),
            event: EVENT_TYPE.to_owned(),
            source: "/arrears/runs".to_owned(),
            time: None,
            on: self.on().to_string(),
            data,
            digest: digest(EVENT_TYPE, account.as_str(), &all),
            setup_version: 0,
        };
        let damaged = |error: IdentifierError| plan::damaged(&self.run_key, error.to_string());
        let kind = EventKind::Collected(Box::new(Collected {
            payment: LineItemId::parse(&planned.id).map_err(damaged)?,
            run: self.run_key.clone(),
            collects: (*payment).clone(),
            ledger: self.work.profile.ledger.clone(),
            actions: actions.clone(),
        }));
        let id = EventId::parse(&planned.id).map_err(damaged)?;
        let event = Event { id, account: account.clone(), on: self.on(), kind };
        Ok(Understood { event, line })
    }

    /// Notes when a prenote settles. A mandate that another run has prenoted
    /// meanwhile is not tried twice.
    async fn prenote(
        &self,
        account: &PlannedAccount,
        refused: &mut Refused,
    ) -> Result<(), RunError> {
        let Some(prenote) = &account.prenote else { return Ok(()) };
        let damaged = |error: IdentifierError| plan::damaged(&self.run_key, error.to_string());
        let id = AccountId::parse(&account.inputs.account.id).map_err(damaged)?;
        let mandate = MandateId::parse(&prenote.mandate).map_err(damaged)?;
        let settles_on = self.work.collection_date;
        if !self.work.store.prenote_mandate(&id, &mandate, settles_on).await? {
            let message = format!("mandate {mandate} was prenoted by another run meanwhile");
            refused.add(prenote.number, Refusal::new("CHANGED_SINCE", message));
        }
        Ok(())
    }
}
