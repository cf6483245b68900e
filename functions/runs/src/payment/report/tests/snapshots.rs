//! What reports and the payment file look like.

use super::sample::{
    Sample, ach_payment_file, head, nasty, ordinary, payment_file, report, written,
};
use crate::payment::payment_file::PaymentFile;
use crate::payment::record::Mode;
use crate::payment::report::{Head, Report};
use arrears_domain::setup::ReportDetail;

/// The style is no part of the snapshots of pages.
const STYLE: &str = include_str!("../page.css");

fn assert_snapshot(name: &str, actual: &str) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/payment/report/tests/snapshots/");
    let path = format!("{folder}{name}");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(actual, expected, "{name}: run with UPDATE_EXPECT=1 to accept");
}

fn assert_reports(name: &str, head: &Head, plan: &[Sample]) {
    for extension in ["txt", "csv", "html"] {
        let (text, _) = written(&mut *report(extension), head, plan);
        assert_snapshot(&format!("{name}.{extension}"), &text.replace(STYLE, ""));
    }
}

#[test]
fn a_list_has_all_transactions() {
    assert_reports("list", &head(ReportDetail::List), &ordinary());
}

#[test]
fn a_summary_has_payments_and_what_is_skipped() {
    assert_reports("summary", &head(ReportDetail::Summary), &ordinary());
}

#[test]
fn a_run_without_anything_to_collect_has_a_report() {
    let head = Head {
        mode: Mode::Propose,
        profile_name: None,
        total_limit: None,
        method: "check",
        bank_format: None,
        ..head(ReportDetail::List)
    };
    assert_reports("empty", &head, &[]);
}

#[test]
fn a_run_that_was_given_up_says_so_first() {
    let reason = "1140.00 EUR would be collected, which passes the total payment limit of 1000; \
                  nothing was collected: raise `total_limit` of profile DD-EUR, or select less";
    let head = Head {
        mode: Mode::ReportOnly,
        given_up: Some(reason.to_owned()),
        ..head(ReportDetail::Summary)
    };
    assert_reports("given-up", &head, &ordinary()[..1]);
}

#[test]
fn names_stay_names() {
    let head = head(ReportDetail::Summary);
    assert_reports("nasty", &head, &nasty());
    let (page, _) = written(&mut *report("html"), &head, &nasty());
    assert!(!page.contains("<script"));
    let (text, _) = written(&mut *report("txt"), &head, &nasty());
    assert!(!text.contains(['\u{202e}', '\u{7}', '\r', '\t']));
    assert_eq!(text.lines().filter(|line| line.starts_with("P000007-")).count(), nasty().len());
}

#[test]
fn lines_of_text_have_one_width() {
    for detail in ReportDetail::ALL {
        let (text, _) = written(&mut *report("txt"), &head(detail), &ordinary());
        let wide = text.lines().find(|line| line.chars().count() > 110);
        assert_eq!(wide, None, "{detail:?}");
    }
}

#[test]
fn pages_end_their_tables() {
    let one = ordinary().swap_remove(0);
    let plan = vec![one; 401];
    let (page, _) = written(&mut *report("html"), &head(ReportDetail::List), &plan);
    let count = |what: &str| page.matches(what).count();
    assert_eq!(count("<table class=\"accounts"), 3);
    for tag in ["table", "section", "tbody", "tr", "thead", "bdi", "dl", "div"] {
        assert_eq!(
            count(&format!("<{tag}>")) + count(&format!("<{tag} ")),
            count(&format!("</{tag}>"))
        );
    }
}

#[test]
fn the_payment_file_has_all_details() {
    let (file, _) = written(&mut payment_file(), &head(ReportDetail::Summary), &ordinary());
    assert_snapshot("payments.jsonl", &file);
    let (file, _) = written(&mut ach_payment_file(), &head(ReportDetail::List), &[]);
    assert_snapshot("payments-ach.jsonl", &file);
    let (file, _) = written(&mut PaymentFile::new(None), &head(ReportDetail::List), &[]);
    assert!(file.lines().next().unwrap().ends_with(r#""collector":null}"#));
}

#[test]
fn what_cannot_be_counted_is_not_written() {
    let (mut planned, _) = ordinary().swap_remove(0);
    planned.payment.as_mut().unwrap().net = "1140.001".into();
    let file: Box<dyn Report + Send> = Box::new(payment_file());
    for mut report in ["txt", "csv", "html"].map(report).into_iter().chain([file]) {
        let mut out = Vec::new();
        let error = report.account(&planned, None, &mut out).unwrap_err();
        assert_eq!(error.account, "A-1001");
        assert!(out.is_empty());
    }
}
