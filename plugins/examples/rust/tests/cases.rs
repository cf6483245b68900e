//! What the action decides, as data: see the folder `cases/`.

use acme_sms_reminder::AcmeSmsReminder;
use arrears_action_sdk::testing::check_cases;

#[test]
fn cases_come_out_as_expected() {
    check_cases::<AcmeSmsReminder>(env!("CARGO_MANIFEST_DIR"));
}
