//! Requests of a file on the disk, to be given in the order of their times.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use crate::capture::{Capture, Recorded};
use crate::exchange::jsonl::{self, CaptureFields};
use crate::store::Location;

/// A file without a name: in the store's folder, which is its user's alone, or where the store is none, among the
/// system's own.
#[derive(Debug)]
pub struct Spool {
    file: BufWriter<File>,
    /// Of each entry: when it came, its number, where it stands and how long it is.
    places: Vec<(Timestamp, i64, u64, u64)>,
    end: u64,
}

/// An entry's number, and its request or why there is none.
type Numbered = (i64, Result<Recorded, String>);

impl Spool {
    pub fn new(store: &Location) -> io::Result<Self> {
        let file = match store.file() {
            Some(store) => tempfile::tempfile_in(store.parent().unwrap_or(Path::new(".")))?,
            None => tempfile::tempfile()?,
        };
        Ok(Self {
            file: BufWriter::new(file),
            places: Vec::new(),
            end: 0,
        })
    }

    /// Adds an entry. One without a time stays behind the one before it.
    pub fn put(&mut self, number: i64, entry: Result<Recorded, String>) -> io::Result<()> {
        let last = self.places.last().map_or(Timestamp::MIN, |(at, ..)| *at);
        let at = entry
            .as_ref()
            .ok()
            .and_then(|recorded| recorded.received_at)
            .unwrap_or(last);
        let text = match entry {
            Ok(recorded) => {
                let has_time = recorded.received_at.is_some();
                let told = (has_time, &recorded.lost, &recorded.notes);
                let told = serde_json::to_string(&told)?;
                let capture = Capture {
                    id: number,
                    duplicate_of: None,
                    recorded: Arc::new(recorded),
                };
                let fields = serde_json::to_string(&CaptureFields::new(&capture, None, usize::MAX))?;
                format!("{told}\n{fields}")
            }
            Err(problem) => problem,
        };
        self.file.write_all(text.as_bytes())?;
        self.places.push((at, number, self.end, text.len() as u64));
        self.end += text.len() as u64;
        Ok(())
    }

    /// Every entry by its time.
    pub fn in_order(mut self) -> impl Iterator<Item = io::Result<Numbered>> {
        // It keeps the order of those at the same time.
        self.places.sort_by_key(|(at, ..)| *at);
        let mut file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .map(BufReader::new);
        self.places.into_iter().map(move |(_, number, from, length)| {
            let file = file.as_mut().map_err(|error| io::Error::from(error.kind()))?;
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.by_ref().take(length).read_to_end(&mut bytes)?;
            Ok((number, read(&bytes)?))
        })
    }
}

fn read(bytes: &[u8]) -> io::Result<Result<Recorded, String>> {
    let told = bytes.iter().position(|byte| *byte == b'\n').and_then(|end| {
        let told = serde_json::from_slice::<(bool, Vec<String>, Vec<String>)>(&bytes[..end]).ok()?;
        Some((told, &bytes[end + 1..]))
    });
    let Some(((has_time, lost, notes), line)) = told else {
        return Ok(Err(String::from_utf8_lossy(bytes).into_owned()));
    };
    let recorded = jsonl::read_line(line).map_err(io::Error::other)?;
    let recorded = recorded.ok_or_else(|| io::Error::other("it holds no request"))?;
    Ok(Ok(Recorded {
        received_at: recorded.received_at.filter(|_| has_time),
        lost,
        notes,
        ..recorded
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn entries_come_back_by_their_times() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(&folder.path().join("store.db").into()).unwrap();
        let at = |second| Timestamp::from_second(second).ok();
        let entries = [(1, at(30)), (2, None), (3, at(10)), (4, at(10)), (5, at(20))];
        let mut requests = Vec::new();
        for (number, received_at) in entries {
            let mut recorded = Recorded::new(Message::new(vec![b'\n', 0xff, number as u8]));
            recorded.message.url = Some("/".into());
            recorded.received_at = received_at;
            recorded.notes.push(format!("{number}"));
            requests.push(recorded.clone());
            spool.put(number, Ok(recorded)).unwrap();
        }
        spool.put(6, Err("broken".into())).unwrap();
        let found: Vec<Numbered> = spool.in_order().map(Result::unwrap).collect();
        let numbers: Vec<i64> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [3, 4, 5, 6, 1, 2]);
        for (number, recorded) in found {
            match recorded {
                Ok(recorded) => assert_eq!(recorded, requests[number as usize - 1]),
                Err(problem) => assert_eq!((number, problem.as_str()), (6, "broken")),
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
