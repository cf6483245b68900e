//! Lines for the operator: the one thing that a plugin may ask of the host.

pub use crate::bindings::arrears::action::log::Level;

/// Writes a line for the operator. It is kept with the run and changes nobody's
/// account; for an entry in an account's log return
/// [`Effect::LogEntry`](crate::Effect).
#[cfg(target_arch = "wasm32")]
pub fn log(level: Level, message: &str) {
    crate::bindings::arrears::action::log::write(level, message);
}

/// Writes a line for the operator; in a native test, to standard error.
#[cfg(not(target_arch = "wasm32"))]
pub fn log(level: Level, message: &str) {
    eprintln!("{level:?}: {message}");
}

/// A panic ends in a bare trap, "unreachable", which tells nobody anything: its
/// text goes to the operator first.
#[cfg(target_arch = "wasm32")]
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
}

/// On the author's machine the standard hook prints to the terminal already.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn report_panics() {}
