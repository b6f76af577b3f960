//! Making a store, bringing it to this version, and what stands at its place.

use super::location::Location;
use super::{Store, StoreError};

/// What stands at a store's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// Nothing.
    Empty,
    /// Something that is no store.
    Others,
    /// A store of a version; `newest` is this program's.
    Store {
        /// Which it is.
        version: u32,
        /// Which this program makes.
        newest: u32,
    },
}

impl Location {
    /// Makes a store; says whether there was none.
    ///
    /// # Errors
    /// [`StoreError`], also where something else stands there.
    pub async fn init(&self) -> Result<bool, StoreError> {
        match self {
            Self::File(path) => {
                let is_new = !path.exists();
                Store::open(self.clone()).await.map(|_| is_new)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => super::postgres::once(server, super::postgres::init).await,
        }
    }

    /// Brings a store to this program's version; gives the version that it had. An SQLite file is brought there whenever
    /// it is opened.
    ///
    /// # Errors
    /// [`StoreError`], also where there is none.
    pub async fn migrate(&self) -> Result<u32, StoreError> {
        match self {
            Self::File(path) if !path.exists() => Err(StoreError::refused(
                self.clone(),
                "there is no store in it yet; make it with `ckwh store init`",
            )),
            Self::File(path) => {
                let version = super::sqlite::version(path).await?;
                Store::open(self.clone()).await.map(|_| version)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => super::postgres::once(server, super::postgres::migrate).await,
        }
    }

    /// What stands there; it is left as it is.
    ///
    /// # Errors
    /// [`StoreError`] where it can't be looked at.
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        match self {
            Self::File(path) if !path.exists() => Ok(Standing::Empty),
            Self::File(path) => Ok(Standing::Store {
                version: super::sqlite::version(path).await?,
                newest: super::sqlite::NEWEST,
            }),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => super::postgres::once(server, super::postgres::status).await,
        }
    }
}
