//! `--report`.

use std::path::PathBuf;

/// A report beside the one that is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKind {
    /// For CI, into this file.
    Junit(PathBuf),
    /// Annotations and a job summary.
    Github,
}

pub fn report(text: &str) -> Result<ReportKind, String> {
    match text.split_once('=') {
        Some(("junit", path)) if !path.is_empty() => Ok(ReportKind::Junit(path.into())),
        None if text == "github" => Ok(ReportKind::Github),
        _ => Err("write it as junit=FILE or github".into()),
    }
}
