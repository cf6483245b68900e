//! The function `plugin-admit`: checks and compiles components, and registers them.

use arrears_lambdas::plugin_admit::PluginAdmit;
use arrears_lambdas::serve;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    serve(|site| Arc::new(PluginAdmit::new(site)))
}
