//! Fire, sign, verify and catch webhooks: a provider's signature scheme as data, and what is done with it.
//!
//! Imports run downward only: `secret`, `clock`, `json`, `foreign`, `private` and `trust` know nothing of the rest;
//! `message` is what is signed and
//! delivered; `scheme`, `sign`, `verify` and `explain` are the signatures; `provider` and `fixture` are the data folders;
//! `draft` makes such a folder of one delivery.
//! The library never prints, never reads the environment for settings and never exits.
#![warn(missing_docs, clippy::print_stdout, clippy::print_stderr)]

pub mod capture;
pub mod clock;
pub mod delivery;
pub mod exchange;
pub mod explain;
pub mod foreign;
pub mod json;
pub mod judge;
pub mod learn;
pub mod message;
pub mod private;
pub mod provider;
pub mod receiver;
pub mod replay;
pub mod scheme;
pub mod secret;
pub mod send;
pub mod sign;
pub mod store;
pub mod suggest;
pub mod trust;
pub mod verify;
