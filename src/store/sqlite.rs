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
pub use schema::NEWEST;
pub use thread::DatabaseThread;

use crate::store::StoreError;

/// The version of the file at `path`, which is left as it is.
pub async fn version(path: &std::path::Path) -> Result<u32, StoreError> {
    schema::version(path)
}
