//! The built-in folders: their tables, an index of them in text, and their files in packed blocks, made by the build script.
//!
//! None holds an address, so that loading the program costs the same however many providers it knows: an address is
//! changed each time that it begins. A table stands there twice, as it is written among the files, and in JSON with each
//! dialect laid over it, since TOML takes longer to read than all else that `ckwh sign` does with a small file. A block is
//! unpacked where a file in it is read, and a table in JSON is in none.

use std::cmp::Ordering;
use std::io::Read as _;
use std::mem;
use std::sync::{Mutex, PoisonError};

use flate2::read::DeflateDecoder;

/// A line for each folder, by name: its name, the headers that each dialect is recognised by, where its tables begin, the
/// dialects of its table, where its files begin, and its files. Fields are separated by tabs, what is in them by `;`. What is
/// asked of every folder stands first.
static INDEX: &str = include_str!(concat!(env!("OUT_DIR"), "/providers.txt"));

/// A line for each header that a folder's requests are recognised by, in lower case and by name, with those folders' names.
static HEADERS: &str = include_str!(concat!(env!("OUT_DIR"), "/headers.txt"));

/// A line for each folder whose requests show a secret, by name: its name, and where, as a table writes places.
static TOKENS: &str = include_str!(concat!(env!("OUT_DIR"), "/tokens.txt"));

/// The tables of each folder in JSON, each in three lines: its event types stand behind it, and those known from elsewhere.
static TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tables.json"));

/// A line for each block of files: where its files begin unpacked, and where it begins.
static BLOCKS: &str = include_str!(concat!(env!("OUT_DIR"), "/blocks.txt"));

/// The files of each folder, in blocks that are packed by DEFLATE. No file is in two.
static FILES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/files.bin"));

/// A built-in folder: its line of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BuiltIn(&'static str);

impl BuiltIn {
    /// All of them, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        let ends = memchr::memchr_iter(b'\n', INDEX.as_bytes());
        ends.scan(0, |begin, end| INDEX.get(mem::replace(begin, end + 1)..end).map(Self))
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        line(INDEX, name).map(Self)
    }

    /// Those whose requests are recognised by a header of that name, among other things.
    pub fn told_by(header: &str) -> impl Iterator<Item = Self> {
        let line = line(HEADERS, &header.to_ascii_lowercase());
        let names = line
            .and_then(|line| line.split_once('\t'))
            .map(|(_, names)| names.split(';'));
        names.into_iter().flatten().filter_map(Self::named)
    }

    /// Those with a file whose name begins so.
    pub fn with_file(beginning: &str) -> Vec<Self> {
        let (mut found, mut end) = (Vec::new(), 0);
        for at in memchr::memmem::find_iter(INDEX.as_bytes(), beginning) {
            let is_beginning = at > 0 && matches!(INDEX.as_bytes()[at - 1], b'\t' | b';');
            if at < end || !is_beginning {
                continue;
            }
            let begin = memchr::memrchr(b'\n', &INDEX.as_bytes()[..at]).map_or(0, |at| at + 1);
            let own = INDEX[begin..].lines().next().map(Self);
            // Other fields may hold such a text too.
            if let Some(own) = own.filter(|own| own.files().any(|name| name.starts_with(beginning))) {
                end = begin + own.0.len();
                found.push(own);
            }
        }
        found
    }

    fn field(self, place: usize) -> &'static str {
        self.0.split('\t').nth(place).unwrap_or_default()
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.field(0)
    }

    /// The names of its files, a `/` for a folder in it.
    pub fn files(self) -> impl Iterator<Item = &'static str> {
        items(self.field(5)).map(|(name, _)| name)
    }

    /// The bytes of its file of that name.
    pub fn file(self, name: &str) -> Option<Vec<u8>> {
        let mut begin: usize = self.field(4).parse().ok()?;
        for (own, length) in items(self.field(5)) {
            if own == name {
                return unpacked(begin, length);
            }
            begin += length;
        }
        None
    }

    /// The dialects of its table, the one that it begins with first, each with the table in JSON, its event types, and
    /// those that are known from elsewhere.
    pub fn tables(self) -> impl Iterator<Item = (&'static str, [&'static [u8]; 3])> {
        let mut at: usize = self.field(2).parse().unwrap_or(TABLES.len());
        items(self.field(3)).map(move |(name, length)| {
            let begin = at;
            at += length;
            let mut lines = TABLES.get(begin..at).unwrap_or_default().split(|byte| *byte == b'\n');
            (name, [(); 3].map(|()| lines.next().unwrap_or_default()))
        })
    }

    /// The names of the headers that each dialect is recognised by.
    pub fn headers(self) -> impl Iterator<Item = impl Iterator<Item = &'static str> + Clone> {
        let names = |dialect: &'static str| dialect.split(',').filter(|name| !name.is_empty());
        self.field(1).split(';').map(names)
    }
}

/// Where requests show secrets, as a table writes places, each behind its folder's name.
pub(super) fn tokens() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = TOKENS.lines().filter_map(|line| line.split_once('\t'));
    lines.flat_map(|(name, places)| places.split(';').map(move |place| (name, place)))
}

/// The line that begins with `key` and a tab, of lines in the order of what they begin with.
fn line(text: &'static str, key: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let begin = memchr::memrchr(b'\n', &text.as_bytes()[low..middle]).map_or(low, |at| low + at + 1);
        let line = text[begin..].lines().next()?;
        match line.split('\t').next().unwrap_or_default().cmp(key) {
            Ordering::Less => low = begin + line.len() + 1,
            Ordering::Equal => return Some(line),
            Ordering::Greater => high = begin,
        }
    }
    None
}

/// The bytes of a file by where it begins in all files unpacked.
fn unpacked(place: usize, length: usize) -> Option<Vec<u8>> {
    /// What was unpacked last: where its block begins, and the block from there on. Files of a folder stand together.
    static LAST: Mutex<(usize, Vec<u8>)> = Mutex::new((0, Vec::new()));
    let (mut found, mut end) = (None, FILES.len());
    for line in BLOCKS.lines() {
        let (unpacked, packed) = line.split_once('\t')?;
        let [unpacked, packed]: [usize; 2] = [unpacked.parse().ok()?, packed.parse().ok()?];
        if unpacked > place {
            end = packed;
            break;
        }
        found = Some((unpacked, packed));
    }
    let (block, packed) = found?;
    let file = place - block..place - block + length;
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != block || last.1.len() < file.end {
        // The first file of a block is often the only one that is asked for.
        let is_first = last.0 != block || last.1.is_empty();
        let wanted = if is_first { file.end as u64 } else { u64::MAX };
        let mut bytes = Vec::with_capacity(file.end);
        let mut packed = DeflateDecoder::new(FILES.get(packed..end)?).take(wanted);
        packed.read_to_end(&mut bytes).ok()?;
        *last = (block, bytes);
    }
    last.1.get(file).map(<[u8]>::to_vec)
}

/// The names in a field, each with the length of what it names, in bytes.
fn items(field: &'static str) -> impl Iterator<Item = (&'static str, usize)> {
    field.split(';').filter_map(|item| {
        let (name, length) = item.rsplit_once(':')?;
        Some((name, length.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_there_as_it_was_written() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut count = 0;
        for own in BuiltIn::all() {
            for file in own.files() {
                let written = fs::read(folder.join(own.name()).join(file)).unwrap();
                assert_eq!(own.file(file), Some(written), "{}/{file}", own.name());
            }
            assert!(own.tables().count() > 0);
            assert!(
                own.tables()
                    .all(|(_, parts)| parts.iter().all(|part| part.ends_with(b"}")))
            );
            assert_eq!(own.tables().count(), own.headers().count(), "{}", own.name());
            assert_eq!(BuiltIn::named(own.name()), Some(own));
            count += 1;
        }
        assert_eq!(count, fs::read_dir(folder).unwrap().count());
        for name in ["nobody", "", "a", "~"] {
            assert_eq!(BuiltIn::named(name), None, "{name}");
        }
        for beginning in ["cost.alert", "payment", "x", "provider.toml", "provider", "sha256"] {
            let has = |own: &BuiltIn| own.files().any(|name| name.starts_with(beginning));
            let all: Vec<BuiltIn> = BuiltIn::all().filter(has).collect();
            assert_eq!(BuiltIn::with_file(beginning), all, "{beginning}");
        }
        assert_eq!(BuiltIn::all().next().unwrap().file("nothing"), None);
    }
}
