//! CSV of requests, a row each, as webhook.site exports it: columns are told by their names.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::wrapper::bodies::{self, Draft};
use super::{CaptureError, Entry, Exchange, Files, Input, Take, broken};
use crate::capture::Recorded;
use crate::message::Headers;

/// The names that a column may have, in small letters.
const METHOD: &[&str] = &["method", "request_method", "http_method"];
const URL: &[&str] = &["url", "request_url", "target", "path", "uri"];
const BODY: &[&str] = &["content", "body", "request_body", "raw_content", "payload", "data"];
const HEADERS: &[&str] = &["headers", "request_headers"];
const TIME: &[&str] = &["created_at", "date", "time", "timestamp", "received_at"];
const PEER: &[&str] = &["ip", "remote_addr", "client_address"];
/// What a column of one header begins with.
const ONE_HEADER: [&str; 5] = ["headers.", "header.", "headers:", "header:", "header_"];

/// CSV with a line of column names.
#[derive(Debug)]
pub struct Csv;

impl Exchange for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn title(&self) -> &'static str {
        "CSV of requests, such as webhook.site's"
    }

    fn remedy(&self) -> &'static str {
        "its first line names the columns: method, url, headers (JSON), content, created_at"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let line = input.first_line();
        let names: Vec<String> = line.split([',', ';', '\t']).map(column).collect();
        let has = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
        let has_header = has(HEADERS)
            || names
                .iter()
                .any(|name| ONE_HEADER.iter().any(|start| name.starts_with(start)));
        Ok(has(METHOD) && has(BODY) && (has_header || has(URL)))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let line = input
            .beginning()
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let count = |byte: u8| line.iter().filter(|own| **own == byte).count();
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|byte| count(*byte))
            .unwrap_or(b',');
        let mut rows = ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(input.text()?);
        let names = rows
            .headers()
            .map_err(|error| broken(&Csv, "line 1", error.to_string()))?;
        let names: Vec<String> = names.iter().map(column).collect();
        for (number, row) in rows.records().enumerate() {
            let request = row
                .map_err(|error| error.to_string())
                .and_then(|row| request(&names, &row));
            if !take(Entry::new(format!("row {}", number + 1), request)) {
                break;
            }
        }
        Ok(())
    }
}

/// A column's name, without quotes and in small letters.
fn column(name: &str) -> String {
    name.trim()
        .trim_matches('"')
        .trim()
        .to_ascii_lowercase()
        .replace(' ', "_")
}

fn request(names: &[String], row: &StringRecord) -> Result<Recorded, String> {
    let field = |known: &[&str]| {
        let at = known
            .iter()
            .find_map(|known| names.iter().position(|name| name == known))?;
        row.get(at).filter(|field| !field.is_empty())
    };
    let method =
        field(METHOD).ok_or_else(|| format!("it has no method, in {} of {} columns", row.len(), names.len()))?;
    let mut headers = match field(HEADERS) {
        Some(text) => headers(text)?,
        None => Headers::default(),
    };
    for (at, name) in names.iter().enumerate() {
        let own = ONE_HEADER.iter().find_map(|start| name.strip_prefix(start));
        if let Some((name, value)) = own.zip(row.get(at).filter(|value| !value.is_empty())) {
            headers.append(name, value);
        }
    }
    let time = field(TIME).map(|time| Value::from(time.trim()));
    let draft = Draft::new(method, field(URL).unwrap_or("/"), headers)
        .at(time.as_ref())
        .peer(field(PEER));
    draft.exact(field(BODY).unwrap_or_default())
}

/// Headers in one column: JSON, or a line each.
fn headers(text: &str) -> Result<Headers, String> {
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return bodies::headers(Some(&value));
    }
    let mut headers = Headers::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or("its headers are neither JSON nor a line each")?;
        headers.append(name.trim(), value.trim());
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn columns_are_told_by_their_names() {
        for text in [
            "\"uuid\",\"method\",\"url\",\"content\",\"headers\",\"created_at\"\r\nu,POST,http://h.test/x,\"{\"\"a\"\":\n1}\",\"{\"\"x-a\"\":[\"\"b\"\",\"\"c\"\"]}\",2026-05-08 12:00:00\r\n",
            "method;url;body;headers.x-a;date\nPOST;http://h.test/x;\"{\"\"a\"\":\n1}\";b;2026-05-08T12:00:00Z\n",
        ] {
            let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
            assert!(Csv.detect(&mut input).unwrap(), "{text}");
            let found = exchange::read(&Csv, text.as_bytes()).unwrap();
            assert_eq!(found[0].message.body.as_ref(), b"{\"a\":\n1}");
            assert_eq!(found[0].message.headers.get("x-a"), Some(&b"b"[..]));
            assert_eq!(found[0].received_at, "2026-05-08T12:00:00Z".parse().ok());
        }
    }

    #[test]
    fn a_row_that_is_cut_is_no_request() {
        let text = "uuid,method,url,content,headers\nu,POST,/h,x,{}\nu,\n";
        let mut problems = Vec::new();
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        let counts = exchange::each(&Csv, &mut input, &Files::Refused, &mut |_| true).unwrap();
        problems.extend(counts.problems.into_iter().map(|(_, problem)| problem));
        assert_eq!(
            (counts.read, problems),
            (1, vec!["it has no method, in 2 of 5 columns".to_owned()])
        );
    }
}
