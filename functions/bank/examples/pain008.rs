//! Writes a file of made-up direct debits, for checks from outside: schemas,
//! other readers, sizes.
//!
//! ```sh
//! cargo run -p arrears-bank --example pain008 -- 10000 debits.xml
//! ```

use arrears_bank::sepa::{
    Address, Batch, Creditor, Debit, DirectDebitWriter, Message, Scheme, check,
};
use arrears_domain::bank::{Bic, CreditorId, Iban};
use arrears_domain::{Currency, Date, MandateSequence, Money};
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;

/// What people have in their names, and what files have to survive.
const NAMES: [&str; 18] = [
    "Anna Ruiz",
    "Müller & Söhne GmbH",
    "<script>alert('x')</script>",
    "Bob \"The Builder\" ]]>",
    "&amp; &lt; &#0; &unknown;",
    "Łukasz Żółć",
    "Юлия Щукина",
    "Αθήνα Παπαδοπούλου",
    "王小明",
    "محمد علي",
    "O\u{2019}Neill \u{2013} Sons",
    "👍🏽 Anna 👩\u{200d}👧",
    "Tab\tand\nline\r\nbreak\u{0}\u{1b}[31m",
    "Mu\u{308}ller-Lu\u{308}denscheidt",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft m.b.H.",
    "x",
    "a/b//c/",
    "\u{202e}annA \u{feff}\u{a0} Ruiz",
];

/// One for each way in which accounts are written.
const ACCOUNTS: [(&str, Option<&str>); 6] = [
    ("NL91ABNA0417164300", Some("ABNANL2A")),
    ("DE89370400440532013000", Some("COBADEFFXXX")),
    ("AT611904300234573201", None),
    ("BE68539007547034", None),
    ("FR1420041010050500013M02606", Some("PSSTFRPPXXX")),
    ("MT84MALT011000012345MTLCAST001S", None),
];

const GROUPS: [(MandateSequence, Scheme, u32); 6] = [
    (MandateSequence::First, Scheme::Core, 6),
    (MandateSequence::Recurrent, Scheme::Core, 6),
    (MandateSequence::Recurrent, Scheme::Core, 9),
    (MandateSequence::OneOff, Scheme::Core, 6),
    (MandateSequence::Final, Scheme::B2b, 6),
    (MandateSequence::Recurrent, Scheme::B2b, 6),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(entries), Some(path), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err("usage: pain008 ENTRIES FILE".into());
    };
    let entries: u64 = entries.parse()?;
    let accounts = ACCOUNTS
        .iter()
        .map(|(iban, bic)| Ok((Iban::parse(iban)?, bic.map(Bic::parse).transpose()?)))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let (creditor_iban, creditor_bic) = &accounts[1];
    let creditor = Creditor {
        name: "Stadtwerke Flußstadt <Wasser & Abwasser>",
        iban: creditor_iban,
        bic: creditor_bic.as_ref(),
        id: &CreditorId::parse("DE98ZZZ09999999999")?,
        address: Some(Address { town: "Flußstadt", country: "DE" }),
    };
    let message = Message {
        id: "payment-000001",
        created_at: "2026-02-02T08:00:00.000+01:00",
        initiating_party: creditor.name,
        transactions: entries,
        control_sum_minor_units: (0..entries).map(amount_minor_units).sum(),
    };
    let file = BufWriter::new(File::create(path)?);
    let mut writer = DirectDebitWriter::begin(file, &message, &creditor)?;
    let groups = GROUPS.len() as u64;
    for (index, (sequence, scheme, day)) in (0_u64..).zip(GROUPS) {
        let numbers = || (index..entries).step_by(GROUPS.len());
        // Fewer entries than groups: some groups are not there.
        if numbers().next().is_none() {
            continue;
        }
        let batch = Batch {
            id: &format!("payment-000001-{}", index + 1),
            collection_date: date(2026, 2, day)?,
            sequence,
            scheme,
            transactions: (entries - index).div_ceil(groups),
            control_sum_minor_units: numbers().map(amount_minor_units).sum(),
        };
        writer.batch(&batch)?;
        for number in numbers() {
            debit(&mut writer, &batch, number, &accounts)?;
        }
    }
    let (_, sums) = writer.finish()?;
    println!("{sums:?}");
    Ok(())
}

fn debit(
    writer: &mut DirectDebitWriter<BufWriter<File>>,
    batch: &Batch<'_>,
    number: u64,
    accounts: &[(Iban, Option<Bic>)],
) -> Result<(), Box<dyn Error>> {
    // Steps that have no factor in common, so that everything meets everything.
    let pick = |step: u64, of: usize| usize::try_from(number * step / 6 % of as u64);
    let name = NAMES[pick(1, NAMES.len())?];
    let (iban, bic) = &accounts[pick(5, accounts.len())?];
    let remittance = format!("Bill {number} of {name}: ");
    let debit = Debit {
        end_to_end_id: &format!("D:{number}/(+)-?.,'x"),
        amount: Money::from_minor_units(amount_minor_units(number), Currency::parse("EUR")?),
        mandate_id: &format!("M-{number}"),
        signed_on: date(2024, 2, 29)?,
        debtor_name: name,
        debtor_iban: iban,
        debtor_bic: bic.as_ref(),
        address: number.is_multiple_of(3).then_some(Address {
            town: "Saint-Étienne-du-Rouvray & environs, rive gauche",
            country: "FR",
        }),
        remittance: if number.is_multiple_of(5) { "" } else { &remittance.repeat(pick(7, 9)?) },
    };
    check(&debit, batch.collection_date)?;
    writer.debit(&debit)?;
    Ok(())
}

/// From the least to the most that a debit can be.
fn amount_minor_units(number: u64) -> i64 {
    match number % 1_000 {
        0 => 1,
        1 => 99_999_999_999,
        other => i64::try_from(other * 7).unwrap_or(1),
    }
}

fn date(year: i32, month: u32, day: u32) -> Result<Date, &'static str> {
    Date::from_ymd_opt(year, month, day).ok_or("a date")
}
