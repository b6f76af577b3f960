//! A command line, run in this process as the program runs it: for the agents' server and the inspector.

use std::io;

use super::app::App;
use super::args;
use super::deliveries::Interrupt;
use super::exit::{Failure, Status};
use super::report::{Item, Report};
use super::run_command;
use super::settings::Settings;

/// Takes what a command gives, as it comes.
pub trait Sink: Send + 'static {
    /// A result.
    fn item(&mut self, item: &Item);
    /// Something worth knowing, and what may be typed for it.
    fn note(&mut self, text: &str, command: Option<&str>);
    /// How many deliveries are to come.
    fn expect(&mut self, _: Option<u64>) {}
    /// One more of them went well.
    fn advance(&mut self) {}
    /// Whether each of many deliveries is a result, or those alone that fail, as to a person at a terminal.
    fn wants_all(&self) -> bool {
        false
    }
}

/// Settings as they are now, for a command whose results go to `sink`.
pub fn app(sink: Box<dyn Sink>, interrupt: Interrupt) -> Result<App, Failure> {
    let mut report: Box<dyn Report + Send> = Box::new(Through(sink));
    let settings = Settings::load(report.as_mut())?;
    let mut app = App::new(settings, report, false);
    app.interrupt = interrupt;
    Ok(app)
}

/// Runs the command line `words`, which does not begin with the program's name.
pub fn run(app: &mut App, words: &[String]) -> Result<Status, Failure> {
    let words = std::iter::once("ckwh").chain(words.iter().map(String::as_str));
    let args = args::read(&mut args::command(), words).map_err(|problem| {
        let text = problem.to_string();
        let first = text.lines().next().unwrap_or_default();
        Failure::usage(first.trim_start_matches("error: ").to_owned())
    })?;
    run_command(app, &args.command)
}

struct Through(Box<dyn Sink>);

impl Report for Through {
    fn result(&mut self, item: &Item) -> io::Result<()> {
        self.0.item(item);
        Ok(())
    }

    fn gather(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn note(&mut self, text: &str) {
        self.0.note(text, None);
    }

    fn warn(&mut self, text: &str) {
        self.0.note(text, None);
    }

    fn hint(&mut self, text: &str, command: Option<&str>) {
        self.0.note(text, command);
    }

    fn show(&mut self, text: &str) {
        self.0.note(text, None);
    }

    fn ask(&mut self, _: &str, _: &str) -> Option<bool> {
        None
    }

    fn error(&mut self, text: &str) {
        self.0.note(text, None);
    }

    fn wants_all(&self) -> bool {
        self.0.wants_all()
    }

    fn advance(&mut self) {
        self.0.advance();
    }

    fn expect(&mut self, deliveries: Option<u64>) {
        self.0.expect(deliveries);
    }
}
