//! A store in one SQLite file that several processes may use at once.
//!
//! It is in WAL mode and every commit is synced. Writers hold it for one short transaction; readers read a page or one
//! capture at a time and pin nothing between.

mod checkpoint;
mod database;
mod error;
mod identity;
mod insert;
mod place;
mod row;
mod run;
mod schema;
mod thread;
mod writer;

use database::Database;
pub use run::RunLock;
pub use thread::DatabaseThread;
