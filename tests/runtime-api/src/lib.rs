//! The Lambda Runtime API on loopback, for tests.
//!
//! A [`Function`] is a binary and its environment. [`Function::spawn`] starts the
//! real binary as Lambda would: with a Runtime API of its own to ask for events, and
//! with an environment that holds what Lambda sets and nothing of the machine. An
//! [`Instance`] takes one invocation at a time and stays warm; a [`Pool`] keeps
//! several, and [`InvokeApi`] puts functions behind Lambda's Invoke API, for an
//! orchestrator that is another process.
//!
//! Deadlines are real, and a function that dies or is late is reported by the error
//! types of Lambda, so that what retries by error type can be tested. What is not
//! here: layers, extensions, response streaming and retries of asynchronous calls.

mod api;
mod function;
mod http;
mod identity;
mod instance;
mod invocation;
mod invoke_api;
mod logs;
mod pool;

pub use function::Function;
pub use instance::{Handle, Instance};
pub use invocation::{FunctionError, Invocation, Request};
pub use invoke_api::InvokeApi;
pub use pool::Pool;
