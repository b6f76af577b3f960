//! Where results go.

use std::io::{self, Write};

/// How much is gathered at most, in bytes.
const MOST: usize = 64 * 1024;

/// The stream that results go to: what is written is there at once, unless more is about to follow.
pub struct Out {
    stream: Box<dyn Write + Send>,
    gathers: bool,
    gathered: Vec<u8>,
}

impl Out {
    pub fn new(stream: impl Write + Send + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            gathers: false,
            gathered: Vec::new(),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(bytes);
        if self.gathers && self.gathered.len() < MOST {
            return Ok(());
        }
        let gathered = std::mem::take(&mut self.gathered);
        self.stream.write_all(&gathered)?;
        self.stream.flush()
    }

    /// Gathers what is written from now on, or writes what was gathered.
    pub fn gather(&mut self, on: bool) -> io::Result<()> {
        self.gathers = on;
        if on { Ok(()) } else { self.write(b"") }
    }
}
