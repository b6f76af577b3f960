//! What `send` sent and got back, and what `replay` did where its signature was refused: the last hundred, in a file of
//! the user's data folder. It is of this user and this machine alone, wherever the store is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use ckwh::capture::{Capture, Delivered, DeliveryKind, Judgement, Outcome, Recorded};
use ckwh::delivery::run::{Event, Observer};
use ckwh::delivery::{Client, Delivery, Endpoint};
use ckwh::exchange::credentials::Blanks;
use ckwh::exchange::jsonl::{self, CaptureFields};
use ckwh::message::Message;
use ckwh::private;
use ckwh::provider::Provider;
use ckwh::secret::Secret;
use ckwh::verify::{self, Options};

use super::exit::{Failure, OrUnavailable as _};
use super::settings;

/// How many are kept.
const KEPT: usize = 100;
/// How many bytes they take together, but for the last.
const MOST: u64 = 64 * 1024 * 1024;
/// What a line begins with, before its number, and what stands before its number again at its end.
const BEGIN: &[u8] = b"{\"type\":\"capture\",\"id\":";
const END: &[u8] = b",\"sent\":";
/// More than a line's number takes at either end, in bytes.
const NUMBER: usize = 64;

/// One that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// `sent`: the newest.
    Newest,
    /// `sent:3`.
    Number(i64),
}

/// The name in `typed`, where it is one of what was sent.
pub fn name(typed: &str) -> Result<Option<Name>, Failure> {
    if typed == "sent" {
        return Ok(Some(Name::Newest));
    }
    let Some(number) = typed.strip_prefix("sent:") else {
        return Ok(None);
    };
    let number = number.parse().ok().filter(|number| *number > 0);
    number.map(|number| Some(Name::Number(number))).ok_or_else(|| {
        Failure::usage(format!(
            "`{}` names nothing that was sent; `sent` is the newest, and sent:3 the third",
            typed.escape_debug()
        ))
    })
}

/// Where they are kept; `None` without a home.
pub fn path() -> Option<PathBuf> {
    settings::default_store().map(|store| store.with_file_name("sent.jsonl"))
}

/// One of them, as a capture.
pub fn read(name: Name) -> Result<Capture, Failure> {
    let (text, lines) = lines()?;
    let line = find(&lines, name)?;
    let (id, begin, end) = lines[line];
    match jsonl::read_line(&text[begin..end]) {
        Ok(Some(recorded)) => Ok(Capture {
            id,
            duplicate_of: None,
            recorded: Arc::new(recorded),
        }),
        Ok(None) => Err(Failure::Unavailable(anyhow!("sent:{id} holds no request"))),
        Err(problem) => Err(Failure::Unavailable(anyhow!("sent:{id} can't be read: {problem}"))),
    }
}

/// The place of one among the requests of the file, from 1 on.
pub fn place(name: Name) -> Result<i64, Failure> {
    let (_, lines) = lines()?;
    Ok(find(&lines, name)? as i64 + 1)
}

fn find(lines: &[Line], name: Name) -> Result<usize, Failure> {
    let last = lines.last().map_or(0, |(id, ..)| *id);
    let oldest = lines.len().saturating_sub(KEPT);
    let found = match name {
        Name::Newest => lines.len().checked_sub(1),
        Name::Number(number) => lines.iter().position(|(id, ..)| *id == number),
    };
    found.filter(|at| *at >= oldest).ok_or_else(|| match name {
        Name::Newest => nothing(),
        Name::Number(number) => {
            let first = lines.get(oldest).map_or(0, |(id, ..)| *id);
            Failure::usage(format!(
                "there is no sent:{number}; sent:{first} to sent:{last} are kept"
            ))
        }
    })
}

fn nothing() -> Failure {
    Failure::Unavailable(anyhow!(
        "nothing that was sent is kept; `ckwh send EVENT --to 3000` sends something"
    ))
}

/// A line's number, and where it begins and ends.
type Line = (i64, usize, usize);

fn lines() -> Result<(Vec<u8>, Vec<Line>), Failure> {
    let path = path().ok_or_else(nothing)?;
    let read = || -> io::Result<Vec<u8>> {
        let file = File::open(&path)?;
        file.lock_shared()?;
        let mut text = Vec::new();
        file.take(4 * MOST).read_to_end(&mut text)?;
        Ok(text)
    };
    let text = match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(nothing()),
        text => text
            .with_context(|| format!("the file {}", path.display()))
            .or_unavailable()?,
    };
    let lines = split(&text);
    match lines.is_empty() {
        true => Err(nothing()),
        false => Ok((text, lines)),
    }
}

/// The whole lines of a file.
fn split(text: &[u8]) -> Vec<Line> {
    let mut begin = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let end = begin + line.len();
        if line.ends_with(b"\n")
            && let Some(id) = number_behind(line, BEGIN)
        {
            lines.push((id, begin, end));
        }
        begin = end;
    }
    lines
}

/// The number that stands behind `mark`, with which `text` begins.
fn number_behind(text: &[u8], mark: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(mark)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

/// Keeps one; gives its number, or `None` where it can't be kept.
pub fn keep(recorded: Recorded) -> Option<i64> {
    let path = path()?;
    make_folder(path.parent()?).ok()?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    private::owner_only(&mut options);
    let file = options.open(&path).ok()?;
    // It holds what went out whole, credentials too.
    private::close(&path);
    file.lock().ok()?;
    append(file, recorded).ok()
}

/// Makes the user's data folder, for its owner alone, where it is not there.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[derive(Serialize)]
struct Written {
    r#type: &'static str,
    #[serde(flatten)]
    fields: CaptureFields,
    sent: i64,
}

fn append(mut file: File, recorded: Recorded) -> io::Result<i64> {
    let length = file.seek(SeekFrom::End(0))?;
    let last = match ends(&mut file, length)? {
        _ if length == 0 => 0,
        Some((first, last)) if last - first + 1 < 2 * KEPT as i64 && length <= MOST => last,
        _ => shorten(&mut file)?,
    };
    let id = last + 1;
    let capture = Capture {
        id,
        duplicate_of: None,
        recorded: Arc::new(recorded),
    };
    let mut line = serde_json::to_vec(&Written {
        r#type: "capture",
        fields: CaptureFields::new(&capture, None, usize::MAX),
        sent: id,
    })?;
    line.push(b'\n');
    file.seek(SeekFrom::End(0))?;
    file.write_all(&line)?;
    Ok(id)
}

/// The first and the last number of a file; `None` where its last line is not whole.
fn ends(file: &mut File, length: u64) -> io::Result<Option<(i64, i64)>> {
    let mut edge = |from: SeekFrom| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        file.seek(from)?;
        file.take(NUMBER as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let head = edge(SeekFrom::Start(0))?;
    let tail = edge(SeekFrom::Start(length.saturating_sub(NUMBER as u64)))?;
    let last = tail
        .windows(END.len())
        .rposition(|window| window == END)
        .filter(|_| tail.ends_with(b"}\n"))
        .and_then(|at| number_behind(&tail[at..], END));
    Ok(number_behind(&head, BEGIN).zip(last))
}

/// Leaves the newest whole lines, one less than are kept; gives the last one's number.
fn shorten(file: &mut File) -> io::Result<i64> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(4 * MOST).read_to_end(&mut text)?;
    let mut lines = split(&text);
    let last = lines.last().map_or(0, |(id, ..)| *id);
    lines.drain(..lines.len().saturating_sub(KEPT - 1));
    let total = |lines: &[Line]| lines.iter().map(|(_, begin, end)| (end - begin) as u64).sum::<u64>();
    while total(&lines) > MOST / 2 {
        lines.remove(0);
    }
    let left: Vec<u8> = lines
        .iter()
        .flat_map(|(_, begin, end)| &text[*begin..*end])
        .copied()
        .collect();
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&left)?;
    Ok(last)
}

/// One delivery among many.
pub struct Noted {
    pub message: Message,
    pub delivery: Delivery,
    pub endpoint: Endpoint,
    /// The provider of the message and its dialect.
    pub provider: Option<(String, String)>,
}

/// Notes one delivery among those that it passes on: the last that failed, or else the first.
pub struct Note<'a> {
    inner: &'a mut dyn Observer,
    noted: Option<Noted>,
}

impl<'a> Note<'a> {
    pub fn new(inner: &'a mut dyn Observer) -> Self {
        Self { inner, noted: None }
    }

    /// What was noted.
    pub fn taken(self) -> Option<Noted> {
        self.noted
    }
}

/// What went out and came back, as it is kept; what `blanks` knows is blanked out of the answer.
pub fn recorded(
    client: &Client,
    endpoint: &Endpoint,
    (message, delivery): (&Message, &Delivery),
    judgement: Option<Judgement>,
    blanks: &Blanks,
) -> Recorded {
    let outgoing = client.on_the_wire(endpoint, message);
    let duration = delivery.duration();
    let at = Timestamp::now() - SignedDuration::try_from(duration).unwrap_or_default();
    let failure = delivery.failure().map(|failure| failure.message.clone());
    let mut answer = delivery.answer.clone();
    if let Some(answer) = &mut answer {
        blanks.blank(answer);
    }
    let delivered = Delivered {
        id: 0,
        kind: DeliveryKind::Send,
        target: outgoing.url.clone(),
        at,
        outcome: Some(Outcome {
            status: answer.as_ref().map(|answer| answer.status),
            duration,
            failure,
            server: answer.as_ref().and_then(ckwh::capture::Excerpt::server),
            answer: answer.map(Box::new),
        }),
    };
    Recorded {
        received_at: Some(at),
        judgement,
        deliveries: vec![delivered],
        ..Recorded::new(Message {
            url: Some(outgoing.url),
            target: None,
            headers: outgoing.headers,
            ..message.clone()
        })
    }
}

impl Observer for Note<'_> {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        if let Event::Delivered(delivered) = &event
            && (self.noted.is_none() || !delivered.is_ok())
        {
            let provider = delivered.provider;
            self.noted = Some(Noted {
                message: delivered.message.clone(),
                delivery: delivered.delivery.clone(),
                endpoint: delivered.endpoint.clone(),
                provider: provider.map(|provider| (provider.name.clone(), provider.dialect.clone())),
            });
        }
        self.inner.event(event)
    }
}

/// The verdict on what went out, by the secrets that it was signed with.
pub fn judgement(provider: &Provider, secrets: &[Secret], message: &Message) -> Judgement {
    let options = Options::new(Timestamp::now());
    let verdict = verify::verify(&provider.scheme, secrets, message, &options);
    let mut judgement = Judgement::new(verdict.reason, verdict.signature);
    judgement.provider = Some(provider.name.clone());
    judgement.dialect = Some(provider.dialect.clone());
    judgement.event_type.clone_from(&message.event_type);
    judgement.signed_at = verdict.timestamp;
    judgement.matched_secret = verdict.matched_secret.as_ref().map(ToString::to_string);
    judgement.caveat = provider.caveat(&verdict, true);
    judgement.detail = verdict.detail;
    judgement
}

#[cfg(test)]
mod tests {
    use ckwh::exchange;
    use ckwh::exchange::jsonl::JsonLines;

    use super::*;

    #[test]
    fn the_last_hundred_are_left_and_a_torn_line_goes() {
        let mut file = tempfile::tempfile().unwrap();
        let one = || Recorded::new(Message::new("{\"id\":7,\"sent\":9}\n"));
        for number in 1..=450 {
            assert_eq!(append(file.try_clone().unwrap(), one()).unwrap(), number);
        }
        file.write_all(b"{\"type\":\"capture\",\"id\":99999,\"torn").unwrap();
        assert_eq!(append(file.try_clone().unwrap(), one()).unwrap(), 451);
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut text).unwrap();
        let numbers: Vec<i64> = split(&text).iter().map(|(id, ..)| *id).collect();
        assert_eq!(numbers, (352..=451).collect::<Vec<_>>());
        assert_eq!(exchange::read(&JsonLines, &text).unwrap().len(), 100);
    }

    #[test]
    fn names_are_read() {
        assert_eq!(name("sent").unwrap(), Some(Name::Newest));
        assert_eq!(name("sent:3").unwrap(), Some(Name::Number(3)));
        assert_eq!(name("3").unwrap(), None);
        for typed in ["sent:", "sent:0", "sent:-1", "sent:last"] {
            assert!(name(typed).is_err(), "{typed}");
        }
    }
}
