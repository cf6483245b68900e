//! Lines that are valid, in the form in which they are written, lose nothing on
//! their way through the domain and the table.

use super::*;
use arrears_domain::{
    Account, AccountId, AllocationMarker, Contact, Date, HistoryEvent, HoldKind, Identifier, Money,
    PlacementAction, PlacementEntry,
};
use proptest::prelude::*;
use proptest::{collection, option, sample};

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9ß][A-Za-z0-9_.:@+-]{0,20}"
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{0,30}"
}

fn date() -> impl Strategy<Value = String> {
    (0..60_000_i64).prop_map(|days| {
        (Date::default() + chrono::Days::new(days.unsigned_abs())).format("%Y-%m-%d").to_string()
    })
}

fn amount() -> impl Strategy<Value = Amount> {
    any::<i64>().prop_map(|units| Money::from_minor_units(units, usd()).into())
}

fn attributes() -> impl Strategy<Value = std::collections::BTreeMap<String, String>> {
    collection::btree_map(id(), text(), 0..4)
}

fn effect() -> impl Strategy<Value = EffectDocument> {
    let code = || Just("USD".to_owned());
    let severity =
        || sample::select(vec![SeverityWord::Info, SeverityWord::Warning, SeverityWord::Critical]);
    let pairs = || collection::vec((text(), text()), 0..3);
    prop_oneof![
        (id(), id(), pairs()).prop_map(|(correspondence, channel, fields)| {
            EffectDocument::Notice { correspondence, channel, fields }
        }),
        (id(), amount(), code(), text()).prop_map(|(line_item_type, amount, currency, memo)| {
            EffectDocument::OneOffCharge { line_item_type, amount, currency, memo }
        }),
        (id(), amount(), code(), option::of(date()), text()).prop_map(
            |(line_item_type, amount, currency, due_on, memo)| {
                EffectDocument::DepositCharge { line_item_type, amount, currency, due_on, memo }
            }
        ),
        (severity(), text(), option::of(date())).prop_map(|(severity, message, expires_on)| {
            EffectDocument::Alert { severity, message, expires_on }
        }),
        (any::<u32>(), text())
            .prop_map(|(points, reason)| EffectDocument::CreditPoints { points, reason }),
        (id(), text(), any::<u8>(), pairs()).prop_map(
            |(request_type, summary, priority, fields)| {
                EffectDocument::ServiceRequest { request_type, summary, priority, fields }
            }
        ),
        (id(), any::<u32>(), text()).prop_map(|(effect_kind, schema_version, body)| {
            EffectDocument::Custom { effect_kind, schema_version, body }
        }),
    ]
}

fn action() -> impl Strategy<Value = ActionDocument> {
    let outcome = prop_oneof![
        collection::vec(effect(), 0..4).prop_map(|effects| (effects, None)),
        text().prop_map(|reason| (Vec::new(), Some(reason))),
    ];
    (any::<u32>(), id(), text(), outcome).prop_map(
        |(position, action_type, plugin_digest, (effects, skipped))| ActionDocument {
            position,
            action_type,
            plugin_digest,
            effects,
            skipped,
        },
    )
}

fn hold() -> impl Strategy<Value = HoldLine> {
    let fields =
        (sample::select(HoldKind::ALL.to_vec()), text(), option::of(date()), option::of(amount()));
    let held = fields.prop_map(|(kind, reason, until, outstanding)| {
        serde_json::json!({
            "kind": kind.as_str(), "reason": reason, "until": until, "outstanding": outstanding,
        })
    });
    prop_oneof![Just(false.into()), Just(true.into()), held]
        .prop_map(|value: serde_json::Value| serde_json::from_value(value).unwrap())
}

prop_compose! {
    fn transaction_line()(
        (id, account, bill_type) in (id(), id(), option::of(id())),
        (date, due_date) in (date(), option::of(date())),
        amount in amount(),
        marker in sample::select(AllocationMarker::ALL.to_vec()),
        spent in collection::vec((id(), amount()), 0..3),
        lowered in collection::vec((id(), amount()), 0..3),
        reverses in option::of(id()),
    ) -> TransactionLine {
        let is_credit = amount.is_negative();
        let spent = spent.into_iter().map(|(item, amount)| SpentDocument { item, amount });
        let lowered =
            lowered.into_iter().map(|(delinquency, amount)| LoweredDocument { delinquency, amount });
        TransactionLine {
            id, account, bill_type, date, due_date, amount, marker,
            currency: None, discount_percent: None, discount_tax_percent: None,
            spent: spent.filter(|_| is_credit).collect(),
            lowered: lowered.filter(|_| is_credit).collect(),
            reverses: reverses.filter(|_| !is_credit),
            allocations: Vec::new(), deferred_until: None, returned: 0,
        }
    }
}

prop_compose! {
    fn delinquency_line()(
        (id, account, scheme, milestone) in (id(), id(), id(), id()),
        bill_type in option::of(id()),
        resolved in option::of((text(), date())),
        (entered_on, oldest_debt_on) in (date(), option::of(date())),
        balance in amount(),
        (extension_days, sequence, version) in (any::<u32>(), 0..1_000_000_u32, 0..1_000_000_u64),
        hold in hold(),
        attributes in attributes(),
        (origin, items) in (option::of(id()), collection::btree_set(id(), 0..4)),
    ) -> DelinquencyLine {
        let (resolution_code, resolved_on) = resolved.unzip();
        DelinquencyLine {
            id, account, scheme, milestone,
            kind: if bill_type.is_some() { "bill-type" } else { "parcel-lien" }.to_owned(),
            bill_type, origin,
            items: items.into_iter().collect(),
            status: if resolved_on.is_some() { "resolved" } else { "open" }.to_owned(),
            resolution_code, resolved_on, entered_on, oldest_debt_on, balance,
            currency: None,
            extension_days, hold, attributes, sequence, version,
        }
    }
}

prop_compose! {
    fn transition_line()(
        (delinquency, account, scheme) in (id(), id(), id()),
        (from, to) in (option::of(id()), option::of(id())),
        (sequence, setup_version) in any::<(u32, u32)>(),
        event in sample::select(HistoryEvent::ALL.map(HistoryEvent::as_str).to_vec()),
        (resolution_code, oldest_debt_on) in (option::of(text()), option::of(date())),
        (balance, hold, extension_days) in (option::of(amount()), hold(), any::<u32>()),
        (on, cause) in (date(), id()),
        actions in collection::vec(action(), 0..4),
        explanation in collection::vec(
            (id(), text(), collection::vec((id(), text()), 0..3))
                .prop_map(|(rule, text, inputs)| StepDocument { rule, text, inputs }),
            0..3
        ),
    ) -> TransitionLine {
        TransitionLine {
            delinquency, account, scheme, from, to, sequence, setup_version,
            currency: (balance.is_some() || hold.has_amount()).then(|| "USD".to_owned()),
            resolution_code, oldest_debt_on, balance, hold, extension_days,
            event: event.to_owned(), on, cause, actions, explanation,
        }
    }
}

prop_compose! {
    fn placement_line()(
        (delinquency, account, scheme, milestone) in (id(), id(), id(), id()),
        (collection_agency, run, told) in (id(), id(), text()),
        sequence in 1..1_000_000_u32,
        action in sample::select(PlacementAction::ALL.map(PlacementAction::as_str).to_vec()),
        (balance, on) in (amount(), date()),
    ) -> PlacementLine {
        PlacementLine {
            delinquency, account, scheme, milestone, collection_agency, run, told, sequence,
            action: action.to_owned(), balance, currency: "USD".to_owned(), on,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        // A failure shows its smallest case; nothing is written beside the code.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_line_survives_the_domain_and_the_item(
        delinquency in delinquency_line(),
        transition in transition_line(),
        (id, name, credit_points, attributes) in (id(), text(), any::<i64>(), attributes()),
        balance in amount(),
        transaction in transaction_line(),
        placement in placement_line(),
    ) {
        let contact = ContactLine { id: id.clone(), name, credit_points, attributes: attributes.clone() };
        let account = AccountLine {
            id, contact: None, class: "x".to_owned(), status: "closed".to_owned(),
            currency: "USD".to_owned(), balance, attributes,
        };
        let through = delinquency.to_delinquency(usd()).unwrap();
        prop_assert_eq!(&DelinquencyLine::from(&through), &delinquency);
        let through = Transition::try_from(&transition).unwrap();
        prop_assert_eq!(&TransitionLine::from(&through), &transition);
        let through = Contact::try_from(&contact).unwrap();
        prop_assert_eq!(&ContactLine::from(&through), &contact);
        let through = Account::try_from(&account).unwrap();
        prop_assert_eq!(&AccountLine::from(&through), &account);
        let through = transaction.to_line_item(usd()).unwrap();
        let owner = AccountId::parse(&transaction.account).unwrap();
        prop_assert_eq!(&TransactionLine::from((&owner, &through)), &transaction);
        let through = PlacementEntry::try_from(&placement).unwrap();
        prop_assert_eq!(&PlacementLine::from(&through), &placement);
        for line in [
            Line::Transaction(transaction), Line::Delinquency(delinquency), Line::Transition(transition),
            Line::Contact(contact), Line::Account(account), Line::Placement(placement),
        ] {
            let text = serde_json::to_string(&line).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Line>(&text).unwrap(), &line);
            let item: crate::items::Item =
                serde_dynamo::aws_sdk_dynamodb_1::to_item(&line).unwrap();
            let back: Line = serde_dynamo::aws_sdk_dynamodb_1::from_item(item).unwrap();
            prop_assert_eq!(back, line);
        }
    }
}
