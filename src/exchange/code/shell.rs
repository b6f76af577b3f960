//! HTTPie's command line, for a POSIX shell.

use super::Request;
use crate::exchange::curl::quote;

/// Headers that HTTPie adds where they are not named.
const ADDED: [&str; 4] = ["Accept", "Accept-Encoding", "User-Agent", "Content-Type"];
/// A longer argument is more than some systems take, in bytes.
const LONGEST_ARGUMENT: usize = 100 * 1024;

/// A command line of HTTPie.
pub fn httpie(request: &Request<'_>) -> Result<String, String> {
    let text = request.text().filter(|text| text.len() <= LONGEST_ARGUMENT);
    let mut line = String::new();
    if text.is_none() {
        line.push_str("printf '");
        request
            .body
            .iter()
            .for_each(|byte| line.push_str(&format!("\\{byte:03o}")));
        line.push_str("' | ");
    }
    line.push_str("http --path-as-is");
    if let Some(text) = text {
        line.push_str(" --ignore-stdin");
        if !text.is_empty() {
            line.push_str(&format!(" --raw {}", quote(text)));
        }
    }
    line.push_str(&format!(" {} {}", quote(request.method), quote(&request.url)));
    for (name, value) in request.headers.iter() {
        let value =
            std::str::from_utf8(value).map_err(|_| format!("HTTPie can't send the bytes of its header {name}"))?;
        if value
            .split('\\')
            .skip(1)
            .any(|behind| behind.starts_with([':', ';', '=', '@']))
        {
            return Err(format!("HTTPie would read its header {name} in another way"));
        }
        let item = match value.is_empty() {
            true => format!("{name};"),
            false => format!("{name}: {value}"),
        };
        line.push_str(&format!(" \\\n  {}", quote(&item)));
    }
    for name in ADDED.iter().filter(|name| !request.headers.contains(name)) {
        line.push_str(&format!(" \\\n  '{name}:'"));
    }
    line.push('\n');
    Ok(line)
}
