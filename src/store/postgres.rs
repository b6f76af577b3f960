//! A store in a schema of a PostgreSQL database, which many processes on many machines use at once.
//!
//! Captures are partitioned by the day they arrived on; small tables beside them hold what is unique across days. Each
//! part that works has a thread with a connection of its own, so that its futures need no runtime of the caller's.

mod days;
mod error;
mod insert;
mod items;
mod read;
mod remove;
mod row;
mod run;
mod schema;
mod server;
mod session;
mod share;
mod text;
mod thread;
mod tls;
mod watch;
mod writer;

pub use run::RunLock;
pub use schema::{init, migrate, status};
pub use server::{Server, ServerError};
pub use share::ShareThread;
pub use thread::{SessionThread, once};
