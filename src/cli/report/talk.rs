//! The talk on stderr: notes, errors, questions and progress.

use std::fmt;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write};

use colored::Color;
use indicatif::{HumanCount, ProgressBar, ProgressState, ProgressStyle};
use unicode_width::UnicodeWidthStr as _;

use super::paint::Paint;
use super::visible::{block, line};

/// The longest answer to a question that is read, in bytes.
const LONGEST_ANSWER: u64 = 100;

/// Notes and errors.
pub struct Talk {
    err: Box<dyn Write + Send>,
    terminal: bool,
    /// How many columns the terminal has.
    width: Option<usize>,
    paint: Paint,
    pub(super) progress: Option<ProgressBar>,
}

impl Talk {
    /// Talks on `err`; asks, and shows progress, where that is a `terminal`.
    pub fn new(err: impl Write + Send + 'static, terminal: bool, colour: bool) -> Self {
        Self {
            err: Box::new(err),
            terminal,
            width: None,
            paint: Paint::new(colour),
            progress: None,
        }
    }

    /// The same on a terminal of so many columns.
    pub fn with_width(self, width: Option<usize>) -> Self {
        Self { width, ..self }
    }

    /// Writes one line, broken between words where a terminal would break it inside of them; a stderr that is gone loses
    /// it.
    fn say(&mut self, label: &str, text: &str, command: Option<&str>) {
        let painted = match label {
            "error:" => self.paint.colour(label, Color::Red),
            "hint:" => self.paint.colour(label, Color::Cyan),
            _ => self.paint.dim(label),
        };
        let room = self.width.map(|width| width.saturating_sub(label.len() + 1));
        let indent = " ".repeat(label.len() + 1);
        let mut lines = folded(&line(text), room);
        lines.extend(command.map(|command| self.paint.bold(&line(command))));
        let said = format!("{painted} {}\n", lines.join(&format!("\n{indent}")));
        let mut write = || {
            let _ = self.err.write_all(said.as_bytes());
        };
        match &self.progress {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub fn note(&mut self, text: &str) {
        self.say("note:", text, None);
    }

    /// What to do next, and the command or the flag to paste on a line of its own.
    pub fn hint(&mut self, text: &str, command: Option<&str>) {
        self.say("hint:", text, command);
    }

    pub fn error(&mut self, text: &str) {
        self.say("error:", text, None);
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

/// `text` in lines of at most `width` columns, broken between words.
pub fn folded(text: &str, width: Option<usize>) -> Vec<String> {
    folded_behind(text, width, 0)
}

/// The same, where `taken` columns of the first line are taken.
pub fn folded_behind(text: &str, width: Option<usize>, taken: usize) -> Vec<String> {
    let Some(width) = width.filter(|width| *width >= 20) else {
        return vec![text.to_owned()];
    };
    let mut lines = vec![String::new()];
    let mut taken = taken;
    for word in text.split(' ') {
        let wide = word.width();
        let gap = usize::from(lines.last().is_some_and(|line| !line.is_empty()));
        if taken > 0 && taken + gap + wide > width {
            lines.push(word.to_owned());
            taken = wide;
        } else if let Some(line) = lines.last_mut() {
            line.push_str(&" "[..gap]);
            line.push_str(word);
            taken += gap + wide;
        }
    }
    lines
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
