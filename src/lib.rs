//! Send, sign, verify and catch webhooks: a provider's signature scheme as data, and what is done with it.
//!
//! A [`provider::Provider`] comes from the tables that are built in; its [`scheme::Scheme`] says how it signs. A
//! [`message::Message`] is one request, a [`secret::Secret`] is what it is signed with. Three calls do the work:
//!
//! | call | gives |
//! |---|---|
//! | [`sign::sign`] | the headers that a receiver verifies |
//! | [`verify::verify`] | a [`verify::Verdict`]: data, not an error |
//! | [`explain::received`] | why a signature does not match, each cause with its proof |
//!
//! ```
//! use ckwh::explain::{self, Kind, Question};
//! use ckwh::message::Message;
//! use ckwh::provider::{Places, Registry};
//! use ckwh::secret::{Secret, Source};
//! use ckwh::{sign, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The secret, the body and the signature of GitHub's documentation, "Validating webhook deliveries".
//! let github = Registry::new(&Places::default()).provider("github", None)?;
//! let secrets = [Secret::new(b"It's a Secret to Everybody".to_vec(), Source::Flag)?];
//! let mut message = Message::new("Hello, World!");
//!
//! let signed = sign::sign(&github.scheme, &secrets, &message)?;
//! assert_eq!(
//!     signed.headers.text("X-Hub-Signature-256"),
//!     Some("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
//! );
//!
//! message.headers = signed.headers;
//! let options = verify::Options::new(jiff::Timestamp::now());
//! assert!(verify::verify(&github.scheme, &secrets, &message, &options).is_valid());
//!
//! message.body = "Hello, World!\n".into();
//! let verdict = verify::verify(&github.scheme, &secrets, &message, &options);
//! assert_eq!(verdict.reason, verify::Reason::Mismatch);
//!
//! let question = Question::new(&github.scheme, &secrets, &message);
//! let explanation = explain::received(&question, &verdict, &options).ok_or("it is valid")?;
//! assert_eq!(explanation.causes()[0].kind, Kind::BodyNewline);
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! `cli`, on by default, is for the program `ckwh`. With `default-features = false` there is neither network nor
//! database: `delivery`, `store`, `receiver`, `replay` and `check` each add the module of that name.
//! The JSON of other crates in the same build is read with `serde_json`'s `arbitrary_precision` and `preserve_order`,
//! which this crate needs to write a body as a provider does.
//!
//! # Floors
//!
//! Imports run downward only; `tests/floors.rs` checks it.
//!
//! | floor | modules |
//! |---|---|
//! | 12 | `cli`, which is the program |
//! | 11 | `check` |
//! | 10 | `receiver` `replay` `send` |
//! | 9 | `judge` `learn` `store` `delivery` |
//! | 8 | `exchange` |
//! | 7 | `capture` |
//! | 6 | `provider` |
//! | 5 | `explain` |
//! | 4 | `sign` `verify` |
//! | 3 | `scheme` |
//! | 2 | `message` |
//! | 1 | `secret` `clock` `json` `foreign` `trust` `private` `suggest` `queue` |
//!
//! The library never prints, never reads the environment for settings and never exits.
#![warn(missing_docs, clippy::print_stdout, clippy::print_stderr, clippy::too_many_lines)]

pub mod capture;
#[cfg(feature = "check")]
pub mod check;
pub mod clock;
#[cfg(feature = "delivery")]
pub mod delivery;
pub mod exchange;
pub mod explain;
#[doc(hidden)]
pub mod foreign;
pub mod json;
pub mod judge;
pub mod learn;
pub mod message;
#[doc(hidden)]
pub mod private;
pub mod provider;
#[doc(hidden)]
pub mod queue;
#[cfg(feature = "receiver")]
pub mod receiver;
#[cfg(feature = "replay")]
pub mod replay;
pub mod scheme;
pub mod secret;
#[cfg(feature = "delivery")]
pub mod send;
pub mod sign;
#[cfg(feature = "store")]
pub mod store;
#[doc(hidden)]
pub mod suggest;
pub mod trust;
pub mod verify;
