//! `ckwh providers new --openapi`: fixtures from a document that describes webhooks.

use std::path::Path;

use ckwh::learn::openapi;
use ckwh::provider::Provider;

use crate::cli::app::App;
use crate::cli::exit::Failure;
use crate::cli::input;

/// The largest document, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;
/// Events that are named where they have no fixture.
const MOST_NAMED: usize = 10;

/// The files of a folder that signs as `copied`, with the events that `path` describes. Those that no payload can be made
/// of are named and left out.
pub fn files(
    app: &mut App,
    path: &Path,
    seed: u64,
    copied: &Provider,
    files: Vec<(String, Vec<u8>)>,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let shown = path.display();
    let bytes = input::read_bounded(path, "the document", LARGEST)?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("event");
    let described = openapi::events(&bytes, name, seed).map_err(|error| Failure::usage(format!("{shown}: {error}")))?;
    let mut events = Vec::new();
    let mut left_out = 0;
    for (event, payload) in described {
        match payload {
            Ok(payload) => events.push((event, payload)),
            Err(problem) => {
                left_out += 1;
                if left_out <= MOST_NAMED {
                    app.report.warn(&format!("{} is left out: {problem}", event.name));
                }
            }
        }
    }
    if events.is_empty() {
        return Err(Failure::usage(format!(
            "{shown} describes no webhook that a payload can be made of"
        )));
    }
    let more = if left_out > 0 {
        format!("; {left_out} are left out")
    } else {
        String::new()
    };
    app.report.note(&format!("{} events from {shown}{more}", events.len()));
    Ok(openapi::files_with(copied, files, events))
}
