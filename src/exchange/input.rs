//! A file of requests, in whatever encoding a tool wrote it: read once, looked at first.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufReader, Cursor, Read};

use serde_json::Value;

use super::CaptureError;
use super::wrapper::bodies;

/// How much of a file its format is told by, in bytes, where that is not a whole JSON document.
const WINDOW: usize = 64 * 1024;
/// The longest JSON document whose shape is looked at as a whole, in bytes.
pub const DOCUMENT: usize = 64 * 1024 * 1024;
/// How much is read at a time, in bytes.
const CHUNK: usize = 16 * 1024;
/// The mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file that is read once, from its beginning.
pub struct Input<'a> {
    /// What was read, as it came or in UTF-8.
    read: Vec<u8>,
    rest: Box<dyn Read + 'a>,
    /// The bytes as they came, where they were in UTF-16.
    original: Option<Vec<u8>>,
    /// The most bytes that are held of it.
    longest: u64,
    /// The most bytes of a JSON document that are read to tell its shape.
    document: usize,
    /// Where the text begins in `read`: behind a byte-order mark, empty lines and comments.
    text_at: usize,
    /// How many lines those are.
    lines: usize,
    /// The first JSON value, once it was looked at.
    value: Option<Option<Value>>,
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("read", &self.read.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    /// Reads the beginning of `from`. At most `longest` bytes of it are held at a time.
    ///
    /// # Errors
    /// [`CaptureError::Read`], [`CaptureError::TooLong`] for UTF-16, which is held whole.
    pub fn new(from: impl Read + 'a, longest: u64) -> Result<Self, CaptureError> {
        let mut input = Self {
            read: Vec::new(),
            rest: Box::new(from),
            original: None,
            longest,
            document: DOCUMENT,
            text_at: 0,
            lines: 0,
            value: None,
        };
        input.fill(WINDOW, true)?;
        if let Some(big_endian) = utf_16(&input.read) {
            input.fill(usize::MAX, false)?;
            let text = from_utf_16(&input.read, big_endian);
            input.original = Some(std::mem::replace(&mut input.read, text));
        }
        input.skip_to_text();
        Ok(input)
    }

    /// The same file, of which no more than its beginning is read to tell its format.
    pub fn briefly(mut self) -> Self {
        self.document = WINDOW;
        self
    }

    /// Reads on until `enough` bytes are held, or all; or, where `lines` come over a pipe, until the first is whole.
    fn fill(&mut self, enough: usize, lines: bool) -> Result<(), CaptureError> {
        let mut chunk = vec![0; CHUNK];
        while self.read.len() < enough {
            if lines && has_whole_line(&self.read) {
                break;
            }
            match self.rest.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => self.read.extend_from_slice(&chunk[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
            if self.read.len() as u64 > self.longest {
                return Err(CaptureError::TooLong(self.longest));
            }
        }
        Ok(())
    }

    fn skip_to_text(&mut self) {
        let mut at = if self.read.starts_with(MARK) { MARK.len() } else { 0 };
        while at < self.read.len() {
            let rest = &self.read[at..];
            let length = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len(), |end| end + 1);
            let line = rest[..length].trim_ascii();
            // `###` and `# @` are a .http file's own.
            let comment = (line.starts_with(b"#") || line.starts_with(b"//")) && !line.starts_with(b"###");
            if !(line.is_empty() || comment) {
                break;
            }
            at += length;
            self.lines += 1;
        }
        self.text_at = at;
    }

    /// The beginning of the text, without a byte-order mark, leading empty lines and comments.
    pub fn beginning(&self) -> &[u8] {
        &self.read[self.text_at..]
    }

    /// The first line of [`Self::beginning`], at most 4 KiB of it, without its `\n`.
    pub fn first_line(&self) -> Cow<'_, str> {
        let text = self.beginning();
        let text = &text[..text.len().min(4096)];
        let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        String::from_utf8_lossy(&text[..end])
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.beginning().is_empty()
    }

    /// How many lines stand before [`Self::beginning`].
    pub fn lines_before(&self) -> usize {
        self.lines
    }

    /// The most bytes that are held of one request.
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// The whole text, where it is not longer than 64 MiB.
    ///
    /// # Errors
    /// [`CaptureError::Read`].
    pub fn document(&mut self) -> Result<Option<&[u8]>, CaptureError> {
        self.fill(self.document.saturating_add(1), false)?;
        Ok((self.read.len() <= self.document).then(|| self.beginning()))
    }

    /// The first JSON value of the text, or of a stream of events; where it holds requests a line each, of its first line.
    ///
    /// # Errors
    /// [`CaptureError::Read`].
    pub fn first_value(&mut self) -> Result<Option<&Value>, CaptureError> {
        if self.value.is_none() {
            let value = self.read_value()?;
            self.value = Some(value);
        }
        Ok(self.value.as_ref().and_then(Option::as_ref))
    }

    fn read_value(&mut self) -> Result<Option<Value>, CaptureError> {
        let text = self.beginning();
        if !(text.starts_with(b"{") || text.starts_with(b"[") || bodies::is_event_stream(text)) {
            return Ok(None);
        }
        let first = |text: &[u8]| {
            let text = bodies::documents(text);
            serde_json::Deserializer::from_slice(&text)
                .into_iter::<Value>()
                .next()?
                .ok()
        };
        if let Some(value) = first(text) {
            return Ok(Some(value));
        }
        Ok(self.document()?.and_then(first))
    }

    /// The whole text.
    ///
    /// # Errors
    /// [`CaptureError::Read`], [`CaptureError::TooLong`].
    pub fn text(&mut self) -> Result<&[u8], CaptureError> {
        self.fill(usize::MAX, false)?;
        Ok(self.beginning())
    }

    /// The text, read as a stream.
    pub fn stream(&mut self) -> impl io::BufRead + '_ {
        let read = &self.read[self.text_at..];
        BufReader::with_capacity(WINDOW, Cursor::new(read).chain(&mut self.rest))
    }

    /// All bytes, as they came.
    ///
    /// # Errors
    /// [`CaptureError::Read`], [`CaptureError::TooLong`].
    pub fn into_bytes(mut self) -> Result<Vec<u8>, CaptureError> {
        match self.original {
            Some(original) => Ok(original),
            None => {
                self.fill(usize::MAX, false)?;
                Ok(self.read)
            }
        }
    }

    /// All bytes as they came, as a stream.
    pub fn into_stream(self) -> impl Read + 'a {
        Cursor::new(self.original.unwrap_or(self.read)).chain(self.rest)
    }
}

/// Whether the first line is an object: a sender that writes objects line by line may wait before the next.
fn has_whole_line(read: &[u8]) -> bool {
    let text = read.strip_prefix(MARK).unwrap_or(read).trim_ascii_start();
    text.starts_with(b"{")
        && text
            .iter()
            .position(|byte| *byte == b'\n')
            .is_some_and(|end| text[..end].trim_ascii_end().ends_with(b"}"))
}

/// Whether text is in UTF-16, by its mark or by what ASCII looks like in it; `true` is big-endian.
fn utf_16(bytes: &[u8]) -> Option<bool> {
    match bytes {
        [0xff, 0xfe, ..] => Some(false),
        [0xfe, 0xff, ..] => Some(true),
        [first, 0, second, 0, ..] if first.is_ascii_graphic() && second.is_ascii() && *second != 0 => Some(false),
        [0, first, 0, second, ..] if first.is_ascii_graphic() && second.is_ascii() && *second != 0 => Some(true),
        _ => None,
    }
}

fn from_utf_16(bytes: &[u8], big_endian: bool) -> Vec<u8> {
    let units = bytes.chunks_exact(2).map(|pair| {
        let pair = [pair[0], pair[1]];
        if big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    });
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.strip_prefix('\u{feff}').unwrap_or(&text).as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_read_as_utf_8() {
        let text = "{\"é\":\"😀\"}\r\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [MARK, text.as_bytes()].concat(),
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
            little.clone(),
            [b"\r\n# by hand\n\n", text.as_bytes()].concat(),
        ] {
            let mut input = Input::new(&bytes[..], 1024).unwrap();
            assert_eq!(input.text().unwrap(), text.as_bytes());
            assert_eq!(input.into_bytes().unwrap(), bytes);
        }
        let long = Input::new(&little[..], 8);
        assert!(matches!(long, Err(CaptureError::TooLong(8))));
    }
}
