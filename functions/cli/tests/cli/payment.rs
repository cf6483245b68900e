//! Payment collection runs as operators ask for them: propose, edit, execute, void,
//! and what the bank sends back.

use crate::support::{Desk, SETUP};
use serde_json::json;

const PROFILES: &str = r#"
[[payment_profile]]
code = "DD-EUR"
payments_debits = "collection"
method = "bank"
bank_format = "pain.008"
currencies = ["EUR"]
total_limit = "250000.00"
creditor = { name = "Rivertown Water", iban = "DE89370400440532013000", id = "DE98ZZZ09999999999" }

[[payment_profile]]
code = "PAYABLES"
payments_debits = "payments"
method = "other"
currencies = ["EUR"]
"#;

const BOOK: &str = r#"{"type":"contact","id":"C-1","name":"R. Vance"}
{"type":"account","id":"A-1","contact":"C-1","class":"residential","currency":"EUR","balance":"1242.00"}
{"type":"account","id":"A-2","contact":"C-1","class":"residential","status":"suspended","currency":"EUR","balance":"5.00"}
{"type":"transaction","id":"T-1","account":"A-1","date":"2026-01-02","due_date":"2026-01-30","amount":"1200.00","marker":"unallocated","discount_percent":"5","discount_tax_percent":"20"}
{"type":"transaction","id":"T-2","account":"A-1","date":"2026-01-02","due_date":"2026-01-30","amount":"42.00","marker":"unallocated"}
{"type":"transaction","id":"T-3","account":"A-2","date":"2026-01-02","due_date":"2026-01-30","amount":"5.00","marker":"unallocated"}
{"type":"mandate","id":"M-1","account":"A-1","scheme":"sepa-core","iban":"DE89370400440532013000","signed_on":"2025-11-03","sequence":"FRST"}
"#;

const RUN: [&str; 6] = ["run", "payment", "--profile", "DD-EUR", "--base-date", "2026-02-02"];
const FOLDER: &str = "payment/DD-EUR/payment-000001";

fn desk() -> Desk {
    let desk = Desk::with_setup(&format!("{SETUP}{PROFILES}"));
    let book = desk.write("book.jsonl", BOOK);
    desk.arrears(&["book", "import", &book]).done();
    desk
}

/// The command's words, and more.
fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    RUN.iter().chain(more).copied().collect()
}

fn edit<'a>(what: &'a str, transaction: &'a str) -> Vec<&'a str> {
    let account = if transaction == "T-3" { "A-2" } else { "A-1" };
    let run = ["payment", what, "payment-000001", "--account", account];
    run.into_iter().chain(["--transaction", transaction, "--reason", "by phone"]).collect()
}

#[test]
fn a_proposal_is_shown_edited_and_executed() {
    let desk = desk();
    desk.arrears(&with(&["--propose"])).done().says(&["a proposal that waits", "1,182.00 EUR"]);
    desk.arrears(&edit("exclude", "T-2")).done().says(&["exclude transaction T-2"]);
    desk.arrears(&edit("force", "T-3")).exits(1).complains(&["T-3 cannot be forced", "suspended"]);
    let shown = desk.arrears(&["payment", "show", "payment-000001"]).done();
    shown.says(&["R. Vance", "ACCOUNT_SUSPENDED", "Edits since", "by phone", "--execute"]);
    let run = ["--json", "run", "payment", "--execute", "payment-000001"];
    let report = desk.arrears(&run).done().json();
    assert_eq!(report["payment"]["sums"]["amounts"]["EUR"]["net_minor_units"], 114_000);
    assert_eq!(report["omitted_by_reason"], json!({"ACCOUNT_SUSPENDED": 1, "EXCLUDED": 1}));
    let files = report["files"].as_array().unwrap();
    for name in ["DD-EUR-2026-02-16.xml", "payments.jsonl", "report.html", "proposal.txt"] {
        assert!(files.contains(&json!(format!("{FOLDER}/{name}"))), "{name} in {files:?}");
    }
    let file = desk.arrears(&["files", "cat", &format!("{FOLDER}/DD-EUR-2026-02-16.xml")]).done();
    file.says(&["<CtrlSum>1140.00</CtrlSum>", "<MndtId>M-1</MndtId>"]);
    desk.arrears(&["account", "show", "A-1"]).done().says(&["DEBDS", "1140.00 EUR", "RCUR"]);
    desk.arrears(&run).exits(1);
    desk.arrears(&["runs", "replay", "payment-000001"]).done();
}

#[test]
fn what_the_bank_rejects_is_void_and_may_be_collected_again() {
    let desk = desk();
    desk.arrears(&RUN).done().says(&["1 payment of 2 transactions"]);
    let status = desk.write("status.xml", &rejected("P000001-0000001", "AC04"));
    let import = ["--json", "payment", "import-return", &status, "--format", "pain.002"];
    let on = |date| import.iter().copied().chain(["--on", date]).collect::<Vec<&str>>();
    let report = desk.arrears(&on("2026-02-18")).done().json();
    assert_eq!(report["returns"], 1, "{report}");
    assert_eq!(report["answers"][0]["outcome"], "applied", "{report}");
    let again = desk.arrears(&on("2026-02-19")).done().json();
    assert_eq!(again["answers"][0]["outcome"], "duplicate", "{again}");
    desk.arrears(&["account", "show", "A-1"]).done().says(&["AC04", "1,242.00 EUR"]);
    let report = desk.arrears(&with(&["--report-only", "--json"])).done().json();
    assert_eq!(report["omitted_by_reason"]["MANDATE_STOPPED"], 2, "{report}");

    let status = desk.write("status.xml", &rejected("P000009-0000001", "AC04"));
    let import = ["payment", "import-return", &status, "--format", "pain.002"];
    desk.arrears(&import).exits(1).says(&["1 unmatched", "no run has collected"]);
    let cut = desk.write("cut.xml", "<Document><x>");
    let import = ["payment", "import-return", &cut, "--format", "pain.002"];
    desk.arrears(&import).exits(1).complains(&["the returns cannot be read", "line 1"]);
}

#[test]
fn a_whole_file_that_is_rejected_voids_all_of_it() {
    let desk = desk();
    desk.arrears(&RUN).done();
    let group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>MS03</Cd></Rsn></StsRsnInf>";
    // The debit's own reason comes before that of the file.
    let of_debit = rejected_batch("P000001-0000001", "AM04");
    let status = desk.write("status.xml", &status_report(group, &of_debit));
    let import = ["payment", "import-return", &status, "--format", "pain.002"];
    desk.arrears(&import).done().says(&["1 void now"]);
    desk.arrears(&["account", "show", "A-1"]).done().says(&["AM04"]);
    desk.arrears(&["--json", "run", "payment", "--profile", "DD-EUR", "--base-date", "2026-02-03"])
        .done()
        .says(&[r#""transactions": 2"#]);
    let void = ["payment", "void", "--run", "payment-000002", "--reason", "wrong", "--withhold"];
    desk.arrears(&void).done().says(&["1 payment is void now"]);
    desk.arrears(&void).done().says(&["0 payments are void now, 1 before"]);
    let account = desk.arrears(&["--json", "account", "show", "A-1"]).done().json();
    let transactions = account["transactions"].as_array().unwrap();
    let bill = transactions.iter().find(|it| it["id"] == "T-1").unwrap();
    assert_eq!(bill["marker"], "withheld", "{account}");
}

#[test]
fn what_cannot_be_run_is_refused_with_what_to_do() {
    let desk = desk();
    for (arguments, complaint) in [
        (&["--profile", "DD-USD", "--base-date", "2026-02-02"][..], "the setup has DD-EUR"),
        (&["--profile", "PAYABLES", "--base-date", "2026-02-02"][..], "is for payments"),
        (&["--execute", "payment-000009"][..], "there is no run payment-000009"),
    ] {
        let arguments: Vec<&str> = ["run", "payment"].iter().chain(arguments).copied().collect();
        desk.arrears(&arguments).exits(1).complains(&[complaint]);
    }
    desk.arrears(&["run", "payment", "--profile", "DD-EUR"]).exits(2);
    desk.arrears(&["run", "payment"]).exits(2);
    desk.arrears(&with(&["--propose", "--report-only"])).exits(2);
    let void = ["payment", "void", "--payment", "P000001-0000001", "--reason", "x"];
    desk.arrears(&void).exits(1).complains(&["no run has collected a payment P000001-0000001"]);
    desk.arrears(&["payment", "show", "payment-000001"]).exits(1);
}

/// A status report of one rejected debit.
fn rejected(payment: &str, code: &str) -> String {
    status_report("<GrpSts>PART</GrpSts>", &rejected_batch(payment, code))
}

fn rejected_batch(payment: &str, code: &str) -> String {
    format!(
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>payment-000001-sepa-core-FRST</OrgnlPmtInfId><TxInfAndSts>\
         <OrgnlEndToEndId>{payment}</OrgnlEndToEndId><TxSts>RJCT</TxSts>\
         <StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>"
    )
}

fn status_report(group: &str, batches: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-02-17T08:00:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>payment-000001</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>{batches}\
         </CstmrPmtStsRpt></Document>\n"
    )
}
