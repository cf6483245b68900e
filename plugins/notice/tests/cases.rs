//! What the action decides, as data: see the folder `cases/`.

use arrears_action_sdk::testing::check_cases;
use arrears_plugin_notice::NoticeAction;

#[test]
fn cases_come_out_as_expected() {
    check_cases::<NoticeAction>(env!("CARGO_MANIFEST_DIR"));
}
