//! Standard output.

use std::io::{self, Write as _};

/// How much is gathered at most, in bytes.
const MOST: usize = 64 * 1024;

/// Standard output: what is written is there at once, unless more is about to follow.
pub struct Out {
    stdout: io::Stdout,
    gathers: bool,
    gathered: Vec<u8>,
}

impl Out {
    pub fn new() -> Self {
        Self {
            stdout: io::stdout(),
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
        let mut stdout = self.stdout.lock();
        stdout.write_all(&gathered)?;
        stdout.flush()
    }

    /// Gathers what is written from now on, or writes what was gathered.
    pub fn gather(&mut self, on: bool) -> io::Result<()> {
        self.gathers = on;
        if on { Ok(()) } else { self.write(b"") }
    }
}
