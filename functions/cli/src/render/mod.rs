//! Answers as text for people.

pub mod number;
pub mod table;

pub mod mistake;

mod output;

pub mod account;
pub mod story;

pub mod export;
pub mod run;
pub mod schedule;

pub mod replay;
pub mod what_if;

pub mod event;

pub mod payment;
pub mod placement;

pub mod plugin;
pub mod plugins;
pub mod setup;

pub mod demo;
