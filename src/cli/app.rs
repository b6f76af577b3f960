//! What every command works with: settings, providers and the report.

use std::collections::HashSet;

use ckwh::provider::Registry;

use super::exit::Failure;
use super::report::{Item, Junit, Report};
use super::settings::Settings;

/// Commands take it; it knows none of them.
pub struct App {
    pub settings: Settings,
    pub registry: Registry,
    pub report: Box<dyn Report + Send>,
    /// A report in a file, beside.
    pub beside: Option<Junit>,
    /// The notes that are said once.
    noted: HashSet<String>,
}

impl App {
    pub fn new(settings: Settings, report: Box<dyn Report + Send>) -> Self {
        Self {
            registry: Registry::new(&settings.places()),
            settings,
            report,
            beside: None,
            noted: HashSet::new(),
        }
    }

    /// Whether deliveries that went well are results too, where many are made.
    pub fn wants_all(&self) -> bool {
        self.beside.is_some() || self.report.wants_all()
    }

    pub fn result(&mut self, mut item: Item) -> Result<(), Failure> {
        item.mask(&self.settings.credentials);
        if let Some(beside) = &mut self.beside {
            beside.result(&item)?;
        }
        self.report.result(&item).map_err(Failure::from_output)
    }

    /// A note that is said once in a run.
    pub fn note_once(&mut self, text: &str) {
        if self.noted.insert(text.to_owned()) {
            self.report.note(text);
        }
    }
}
