//! What the action decides, as data: see the folder `cases/`.

use arrears_action_sdk::testing::check_cases;
use arrears_plugin_deposit_demand::DepositDemand;

#[test]
fn cases_come_out_as_expected() {
    check_cases::<DepositDemand>(env!("CARGO_MANIFEST_DIR"));
}
