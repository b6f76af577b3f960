//! The talk on stderr: notes, errors, questions and progress.

use std::fmt;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write};

use colored::Color;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};

use super::paint::Paint;
use super::visible::{block, line};

/// The longest answer to a question that is read, in bytes.
const LONGEST_ANSWER: u64 = 100;

/// Notes and errors.
pub struct Talk {
    err: Box<dyn Write + Send>,
    terminal: bool,
    paint: Paint,
    pub(super) progress: Option<ProgressBar>,
}

impl Talk {
    /// Talks on `err`; asks, and shows progress, where that is a `terminal`.
    pub fn new(err: impl Write + Send + 'static, terminal: bool, colour: bool) -> Self {
        Self {
            err: Box::new(err),
            terminal,
            paint: Paint::new(colour),
            progress: None,
        }
    }

    /// Writes one line; a stderr that is gone loses it.
    fn say(&mut self, label: &str, text: &str) {
        let said = format!("{label} {}\n", line(text));
        let mut write = || {
            let _ = self.err.write_all(said.as_bytes());
        };
        match &self.progress {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub fn note(&mut self, text: &str) {
        self.say(&self.paint.dim("note:"), text);
    }

    pub fn error(&mut self, text: &str) {
        self.say(&self.paint.colour("error:", Color::Red), text);
    }

    pub fn show(&mut self, text: &str) {
        let _ = self.err.write_all(block(text.as_bytes()).as_bytes());
    }

    /// Anything but a yes is a no.
    pub fn ask(&mut self, text: &str, question: &str) -> Option<bool> {
        if !io::stdin().is_terminal() || !self.terminal {
            return None;
        }
        self.show(text);
        let asked = format!("{} [y/N] ", self.paint.bold(question));
        let _ = self.err.write_all(asked.as_bytes());
        let mut answer = String::new();
        let read = io::stdin().lock().take(LONGEST_ANSWER).read_line(&mut answer);
        Some(read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    pub fn expect(&mut self, deliveries: Option<u64>) {
        if !self.terminal {
            return;
        }
        let (bar, template) = match deliveries {
            Some(count) => (ProgressBar::new(count), "{bar:30} {pos}/{len} {rate} {eta} left, {msg}"),
            None => (ProgressBar::no_length(), "{spinner} {pos} {rate}, {msg}"),
        };
        // The style first: a message draws the bar.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.with_key("rate", rate).progress_chars("=> "));
        }
        bar.set_message("0 failed");
        self.progress = Some(bar);
    }
}

/// How many a second, with no more digits than say something.
fn rate(state: &ProgressState, text: &mut dyn fmt::Write) {
    let rate = state.per_sec();
    let _ = if rate < 10.0 {
        write!(text, "{rate:.1}/s")
    } else {
        write!(text, "{}/s", HumanCount(rate as u64))
    };
}
