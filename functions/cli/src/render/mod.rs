//! Answers as text for people.

pub mod number;
pub mod table;

pub mod mistake;

pub mod account;
pub mod demo;
pub mod event;
pub mod plugin;
pub mod run;
pub mod setup;
