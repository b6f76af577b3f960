//! An archive read entry by entry.

use std::fmt;
use std::io;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Entry, recorded, wrong};
use crate::capture::Recorded;
use crate::exchange::CaptureError;

/// Gives every entry's request to `take` as it is read, until it says no: no more than one is held.
///
/// # Errors
/// [`CaptureError`].
pub fn each(from: impl io::Read, take: &mut dyn FnMut(Recorded) -> bool) -> Result<(), CaptureError> {
    let mut entries = Entries {
        take,
        broken: None,
        enough: false,
    };
    let mut json = serde_json::Deserializer::from_reader(from);
    let end = Part::Archive(&mut entries).deserialize(&mut json);
    match (entries.broken, end) {
        (Some(error), _) => Err(error),
        (None, Err(error)) if !entries.enough => Err(wrong(error.to_string())),
        _ => Ok(()),
    }
}

/// Where entries go as they are read.
struct Entries<'a> {
    take: &'a mut dyn FnMut(Recorded) -> bool,
    broken: Option<CaptureError>,
    enough: bool,
}

/// How deep in the archive the reader is.
enum Part<'a, 'e> {
    Archive(&'a mut Entries<'e>),
    Log(&'a mut Entries<'e>),
    List(&'a mut Entries<'e>),
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self {
            Self::List(_) => from.deserialize_seq(self),
            _ => from.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Part<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Archive(_) => "an HTTP archive",
            Self::Log(_) => "an archive's log",
            Self::List(_) => "a list of entries",
        })
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            match (&mut self, name.as_str()) {
                (Self::Archive(entries), "log") => members.next_value_seed(Part::Log(entries))?,
                (Self::Log(entries), "entries") => members.next_value_seed(Part::List(entries))?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let (Self::Archive(entries) | Self::Log(entries) | Self::List(entries)) = self;
        while let Some(entry) = items.next_element::<Entry>()? {
            match recorded(entry).map(&mut *entries.take) {
                Ok(true) => continue,
                Ok(false) => entries.enough = true,
                Err(error) => entries.broken = Some(error),
            }
            return Err(serde::de::Error::custom("enough"));
        }
        Ok(())
    }
}
