//! The lines in which two texts differ.

use similar::{Algorithm, ChangeTag, TextDiff};

/// How many lines around a difference are shown.
const CONTEXT: usize = 2;

/// The lines that differ, with a few around them. A deadline keeps hostile texts from taking forever.
pub fn lines(a: &str, b: &str) -> Vec<(char, String)> {
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Myers)
        .timeout(std::time::Duration::from_secs(1))
        .diff_lines(a, b);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(CONTEXT) {
        for operation in group {
            for change in diff.iter_changes(&operation) {
                let mark = match change.tag() {
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                    ChangeTag::Equal => ' ',
                };
                lines.push((mark, change.value().trim_end_matches('\n').to_owned()));
            }
        }
    }
    lines
}
