//! The event types of a table. A built-in one's are read where they are asked for: GitHub has hundreds, and to verify a
//! signature needs none.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};

/// Event types, each with its meaning.
#[derive(Clone, Default)]
pub struct Events {
    read: OnceLock<IndexMap<String, String>>,
    /// What is read where nothing was yet: an object in JSON.
    written: &'static [u8],
}

impl Events {
    /// Those of an object in JSON that the build script wrote.
    pub(super) fn written(written: &'static [u8]) -> Self {
        Self {
            read: OnceLock::new(),
            written,
        }
    }
}

impl Deref for Events {
    type Target = IndexMap<String, String>;

    fn deref(&self) -> &Self::Target {
        self.read
            .get_or_init(|| serde_json::from_slice(self.written).unwrap_or_default())
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Events {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self {
            read: IndexMap::deserialize(from)?.into(),
            written: &[],
        })
    }
}
