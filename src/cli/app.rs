//! What every command works with: settings, providers and the report.

use std::collections::HashSet;

use ckwh::provider::Registry;

use super::deliveries::Interrupt;
use super::exit::Failure;
use super::report::{Beside, Item, Report};
use super::settings::Settings;

/// Commands take it; it knows none of them.
pub struct App {
    pub settings: Settings,
    pub registry: Registry,
    pub report: Box<dyn Report + Send>,
    /// Reports beside, for CI.
    pub beside: Vec<Beside>,
    /// Whether both sides of each exchange are shown.
    pub verbose: bool,
    /// What ends a command before its end.
    pub interrupt: Interrupt,
    /// The notes that are said once.
    noted: HashSet<String>,
}

impl App {
    pub fn new(mut settings: Settings, report: Box<dyn Report + Send>, verbose: bool) -> Self {
        let registry = Registry::new(&settings.places());
        let all = registry.clone();
        settings.credentials = settings.credentials.and_tokens(move || all.token_places());
        Self {
            registry,
            settings,
            report,
            beside: Vec::new(),
            verbose,
            interrupt: Interrupt::default(),
            noted: HashSet::new(),
        }
    }

    /// Whether deliveries that went well are results too, where many are made.
    pub fn wants_all(&self) -> bool {
        !self.beside.is_empty() || self.report.wants_all()
    }

    pub fn result(&mut self, mut item: Item) -> Result<(), Failure> {
        item.mask(&self.settings.credentials);
        self.beside(&item)?;
        self.report.result(&item).map_err(Failure::from_output)
    }

    /// A result for the reports beside alone.
    pub fn beside(&mut self, item: &Item) -> Result<(), Failure> {
        let mut lines = Vec::new();
        for beside in &mut self.beside {
            lines.extend(beside.result(item)?);
        }
        for text in lines {
            self.report.result(&Item::Text { text }).map_err(Failure::from_output)?;
        }
        Ok(())
    }

    /// A warning that is said once in a run.
    pub fn warn_once(&mut self, text: &str) {
        if self.noted.insert(text.to_owned()) {
            self.report.warn(text);
        }
    }

    /// A note that is said once in a run.
    pub fn note_once(&mut self, text: &str) {
        if self.noted.insert(text.to_owned()) {
            self.report.note(text);
        }
    }
}
