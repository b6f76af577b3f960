//! An archive read entry by entry.

use std::fmt;
use std::io;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Har, HarEntry, recorded};
use crate::exchange::{CaptureError, Entry, Take, broken};

/// Gives every entry's request to `take` as it is read, until it says no: no more than one is held.
///
/// # Errors
/// [`CaptureError`], where what follows can't be read.
pub fn each(from: impl io::Read, take: &mut Take<'_>) -> Result<(), CaptureError> {
    let mut entries = Entries {
        take,
        number: 0,
        enough: false,
    };
    let mut json = serde_json::Deserializer::from_reader(from);
    match Part::Archive(&mut entries).deserialize(&mut json) {
        Err(error) if !entries.enough => match error.classify() {
            serde_json::error::Category::Io => Err(CaptureError::Read(error.into())),
            _ => Err(broken(&Har, format!("entry {}", entries.number + 1), error.to_string())),
        },
        _ => Ok(()),
    }
}

/// Where entries go as they are read.
struct Entries<'a, 't> {
    take: &'a mut Take<'t>,
    number: usize,
    enough: bool,
}

/// How deep in the archive the reader is.
enum Part<'a, 'e, 't> {
    Archive(&'a mut Entries<'e, 't>),
    Log(&'a mut Entries<'e, 't>),
    List(&'a mut Entries<'e, 't>),
}

impl<'de> DeserializeSeed<'de> for Part<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self {
            Self::List(_) => from.deserialize_seq(self),
            _ => from.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Part<'_, '_, '_> {
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
        // As it stands in the file: an entry that is none is no end of the others.
        while let Some(text) = items.next_element::<Box<RawValue>>()? {
            entries.number += 1;
            let entry = serde_json::from_str::<HarEntry>(text.get());
            let request = entry.map_err(|error| error.to_string()).and_then(recorded);
            if !(entries.take)(Entry::new(format!("entry {}", entries.number), request)) {
                entries.enough = true;
                return Err(serde::de::Error::custom("enough"));
            }
        }
        Ok(())
    }
}
