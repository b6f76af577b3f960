//! Why a signature does not match: what real runtimes do to a body, and what is made of it.
#![expect(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "../support/rounds.rs"]
mod rounds;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/receivers.rs"]
mod theirs;

mod cases;
mod command;
mod golden;
mod handlers;
mod headers;
mod http_signatures;
mod kinds;
mod losses;
mod mistakes;
mod near;
mod nothing;
mod pairs;
mod parallel;
mod question;
mod recipes;
mod remedies;
mod rows;
mod styles;
mod values;
mod words;
mod writers;
