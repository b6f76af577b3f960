//! Reports for CI beside the one that is printed.

use super::super::args::ReportKind;
use super::super::exit::Failure;
use super::github::Github;
use super::{Item, Junit};

/// One of them.
pub enum Beside {
    Junit(Box<Junit>),
    Github(Github),
}

impl Beside {
    /// Those that were asked for, under the name of the command.
    pub fn all(asked: &[ReportKind], suite: &'static str) -> Result<Vec<Self>, Failure> {
        let one = |kind: &ReportKind| {
            Ok(match kind {
                ReportKind::Junit(path) => Self::Junit(Box::new(Junit::create(path, suite)?)),
                ReportKind::Github => Self::Github(Github::new(suite)),
            })
        };
        asked.iter().map(one).collect()
    }

    /// Takes a result; gives what is to be printed because of it.
    pub fn result(&mut self, item: &Item) -> Result<Option<String>, Failure> {
        match self {
            Self::Junit(junit) => {
                junit.result(item)?;
                Ok(None)
            }
            Self::Github(github) => github.result(item),
        }
    }
}
