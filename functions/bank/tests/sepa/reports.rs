//! Status reports as banks send them.

use arrears_bank::sepa::{Rejection, StatusReport, TransactionStatus, read_status};
use std::io::BufReader;

const DEBITS: &str = include_str!("reports/debits.xml");

const WHOLE: &str = r#"<?xml version='1.0' encoding='utf-8'?>
<p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><p:CstmrPmtStsRpt>
<p:GrpHdr><p:MsgId>S-1</p:MsgId></p:GrpHdr>
<p:OrgnlGrpInfAndSts><p:OrgnlMsgId><![CDATA[payment-000001]]></p:OrgnlMsgId>
<p:OrgnlMsgNmId>pain.008.001.02</p:OrgnlMsgNmId><p:GrpSts>RJCT</p:GrpSts>
<p:StsRsnInf><p:Rsn><p:Cd>DU&#x50;&#76;</p:Cd></p:Rsn><p:AddtlInf>seen</p:AddtlInf></p:StsRsnInf>
</p:OrgnlGrpInfAndSts></p:CstmrPmtStsRpt></p:Document>"#;

fn read(xml: &str) -> StatusReport {
    read_status(xml.as_bytes()).unwrap()
}

/// What is rejected and why, a line for each.
fn rejections(report: &StatusReport) -> Vec<String> {
    let why = |reason: &Option<String>| reason.clone().unwrap_or_default();
    let name = |it: &TransactionStatus| it.end_to_end_id.clone().unwrap_or_else(|| "?".to_owned());
    report
        .rejections()
        .map(|rejection| match rejection {
            Rejection::Message(it) => format!("{} {}", it.original_message_id, why(&it.reason)),
            Rejection::Batch(it) => format!("{} {}", it.id, why(&it.reason)),
            Rejection::Transaction(batch, it) => {
                format!("{} of {} {}", name(it), batch.id, why(&it.reason))
            }
        })
        .collect()
}

#[test]
fn rejections_of_batches_and_debits_are_read() {
    let report = read(DEBITS);
    assert_eq!(report.id, "STATUS-4711");
    assert_eq!(report.original_message_id, "payment-000001");
    assert_eq!(report.original_message_type, "pain.008.001.08");
    assert_eq!(report.status.as_deref(), Some("PART"));
    let expected = [
        "payment-000001-2 AM05",
        "E-20 of payment-000001-2 ",
        "E-30 of payment-000001-3 AC04",
        "? of payment-000001-3 HOUSE-7",
    ];
    assert_eq!(rejections(&report), expected);
    assert_eq!(report.batches[1].information, "Submitted before See STATUS-4710 & ask");

    let [first, second, third] = report.batches[2].transactions.as_slice() else { panic!() };
    let amount = |it: &TransactionStatus| it.amount.map(|it| it.with_currency().to_string());
    assert_eq!(amount(first).as_deref(), Some("42.00 EUR"));
    assert_eq!(first.mandate_id.as_deref(), Some("M-30"));
    assert_eq!(first.line, 52);
    assert_eq!(amount(second).as_deref(), Some("11.50 EUR"));
    assert_eq!((amount(third), third.status.as_deref()), (None, Some("PDNG")));
}

#[test]
fn a_rejection_of_the_file_is_read() {
    let report = read(WHOLE);
    assert!(report.is_rejected());
    assert_eq!(rejections(&report), ["payment-000001 DUPL"]);
    assert_eq!((report.information.as_str(), report.batches.len()), ("seen", 0));
}

#[test]
fn another_library_reads_the_same() {
    for xml in [DEBITS, WHOLE] {
        let (ours, theirs) = (read(xml), sepa::parse_pain002(xml).unwrap());
        let code = |status: &Option<sepa::PaymentStatus>| {
            status.as_ref().map(|it| it.as_code().to_owned())
        };
        let first = |codes: &[sepa::ReasonCode]| codes.first().map(|it| it.as_code().to_owned());
        assert_eq!(ours.id, theirs.msg_id);
        assert_eq!(ours.original_message_id, theirs.original_msg_id);
        assert_eq!(ours.status, code(&theirs.group_status));
        assert_eq!(ours.reason, first(&theirs.group_reason_codes));
        assert_eq!(ours.batches.len(), theirs.payment_info_statuses.len());
        for (ours, theirs) in ours.batches.iter().zip(&theirs.payment_info_statuses) {
            assert_eq!(Some(&ours.id), theirs.original_payment_info_id.as_ref());
            assert_eq!(ours.status, code(&theirs.status));
            assert_eq!(ours.reason, first(&theirs.reason_codes));
            assert_eq!(ours.information, theirs.additional_info.join(" "));
            assert_eq!(ours.transactions.len(), theirs.transactions.len());
            let is_rejected = ours.is_rejected();
            for (ours, theirs) in ours.transactions.iter().zip(&theirs.transactions) {
                assert_eq!(ours.end_to_end_id, theirs.original_end_to_end_id);
                assert_eq!(ours.reason, first(&theirs.reason_codes));
                // Theirs leaves to the caller what a rejected batch does to it.
                let whole = is_rejected.then(|| "RJCT".to_owned());
                assert_eq!(ours.status, code(&theirs.status).or(whole));
                if let Some(cents) = theirs.original_amount_ct {
                    assert_eq!(ours.amount.map(|it| it.minor_units()), Some(cents));
                }
            }
        }
    }
}

#[test]
fn a_report_is_read_alike_in_pieces_of_any_size() {
    for size in [1, 2, 3, 7, 64] {
        let reader = BufReader::with_capacity(size, DEBITS.as_bytes());
        assert_eq!(read_status(reader).unwrap(), read(DEBITS));
    }
}
