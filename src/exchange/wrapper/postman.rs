//! Postman's collections, format 2.1 and 2.0 (<https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::bodies::{Draft, form, plain};
use super::{Read, Wrapper, at, has, text};
use crate::exchange::built::behind_variable;
use crate::message::Headers;

/// A collection: requests, in folders of any depth.
pub const POSTMAN: Wrapper = Wrapper {
    name: "postman",
    title: "a collection of Postman",
    lists: &[],
    is: |value| {
        let inner = value.get("collection").unwrap_or(value);
        has(inner, &["info", "item"])
    },
    read: collection,
    is_payload: false,
};

/// How deep folders stand in folders, at most.
const DEEPEST: usize = 32;

/// How deep variables stand in variables, at most.
const DEEPEST_VARIABLE: usize = 4;
/// The longest value that other variables are filled into, in bytes.
const LONGEST_VARIABLE: usize = 4096;

/// The collection's variables, and what of a request is not known.
struct Reader<'v> {
    variables: Vec<(&'v str, String)>,
    unknown: Vec<String>,
}

fn collection(value: &Value) -> Vec<Read> {
    let value = value.get("collection").unwrap_or(value);
    let variables = at(value, &["variable"]).and_then(Value::as_array).into_iter().flatten();
    let variables = variables
        .filter_map(|own| Some((text(own, &["key"]).or(text(own, &["id"]))?, plain(own.get("value")?))))
        .collect();
    let mut reader = Reader {
        variables,
        unknown: Vec::new(),
    };
    reader.fill_variables();
    let mut found = Vec::new();
    reader.items(value, at(value, &["auth"]), 0, &mut found);
    found
}

/// A text with the values of `variables` in the place of their names.
fn fill(given: &str, variables: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = given;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((name, after)) = behind.split_once("}}") else {
            break;
        };
        out.push_str(before);
        match variables.iter().find(|(own, _)| *own == name.trim()) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&format!("{{{{{name}}}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What stands between double braces in a text, with them.
fn placeholders(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once("{{").and_then(|(_, behind)| behind.split_once("}}")) {
        found.push(format!("{{{{{name}}}}}"));
        rest = after;
    }
    found
}

impl<'v> Reader<'v> {
    fn items(&mut self, folder: &'v Value, auth: Option<&'v Value>, depth: usize, found: &mut Vec<Read>) {
        for item in at(folder, &["item"]).and_then(Value::as_array).into_iter().flatten() {
            let auth = at(item, &["auth"]).or(auth);
            if let Some(request) = at(item, &["request"]) {
                let name = text(item, &["name"]).unwrap_or_default();
                let read = self.request(request, auth);
                found.push(read.map_err(|problem| format!("`{}`: {problem}", name.escape_debug())));
            } else if depth < DEEPEST {
                self.items(item, auth, depth + 1, found);
            }
        }
    }

    /// A text with the variables in it that are known.
    fn filled(&mut self, given: &str) -> String {
        let filled = fill(given, &self.variables);
        for written in placeholders(&filled) {
            if !self.unknown.contains(&written) {
                self.unknown.push(written);
            }
        }
        filled
    }

    /// Fills the variables that stand in variables.
    fn fill_variables(&mut self) {
        for _ in 0..DEEPEST_VARIABLE {
            let is_open = |value: &str| value.contains("{{") && value.len() <= LONGEST_VARIABLE;
            let filled = self.variables.iter().map(|(name, value)| match is_open(value) {
                true => (*name, fill(value, &self.variables)),
                false => (*name, value.clone()),
            });
            let filled: Vec<_> = filled.collect();
            if filled == self.variables {
                return;
            }
            for (own, (_, value)) in self.variables.iter_mut().zip(filled) {
                if value.len() <= LONGEST_VARIABLE {
                    own.1 = value;
                }
            }
        }
    }

    fn request(&mut self, request: &Value, auth: Option<&Value>) -> Read {
        self.unknown.clear();
        if let Some(url) = request.as_str() {
            let url = self.filled(url);
            return self.end(Draft::new("GET", url, Headers::default()), |draft| draft.body(None));
        }
        let method = text(request, &["method"]).unwrap_or("GET").to_owned();
        let mut url = self.url(request);
        let mut headers = Headers::default();
        let host = behind_variable(&url).map(|(host, target)| {
            url = target;
            host
        });
        match request.get("header") {
            Some(Value::String(lines)) => {
                for line in lines.lines() {
                    if let Some((name, value)) = line.split_once(':') {
                        headers.append(name.trim(), self.filled(value.trim()));
                    }
                }
            }
            Some(Value::Array(fields)) => {
                for field in fields.iter().filter(|field| !is_disabled(field)) {
                    let name = text(field, &["key"]).unwrap_or_default();
                    let value = field.get("value").map(plain).unwrap_or_default();
                    headers.append(self.filled(name), self.filled(&value));
                }
            }
            _ => {}
        }
        if let Some(host) = host.filter(|_| !headers.contains("host")) {
            headers.append("Host", host);
        }
        let auth = at(request, &["auth"]).or(auth);
        let lost = self.authorize(auth, &mut headers);
        let body = self.body(at(request, &["body"]), &mut headers)?;
        let mut draft = Draft::new(&method, url, headers);
        if let Some(lost) = lost {
            draft.note(lost);
        }
        self.end(draft, |draft| match body {
            Some(body) => draft.exact(body),
            None => draft.missing("it stands in a file that the collection names"),
        })
    }

    fn end(&self, mut draft: Draft, body: impl FnOnce(Draft) -> Read) -> Read {
        if !self.unknown.is_empty() {
            draft.note(format!(
                "{} is not known here, and stands as it is written",
                self.unknown.join(", ")
            ));
        }
        body(draft)
    }

    fn url(&mut self, request: &Value) -> String {
        let url = match request.get("url") {
            Some(Value::String(url)) => url.clone(),
            Some(url) => match text(url, &["raw"]) {
                Some(raw) => raw.to_owned(),
                None => parts(url),
            },
            None => "/".into(),
        };
        let mut url = self.filled(&url);
        // `:name` in the path stands for a value of its own.
        let variables = request
            .get("url")
            .and_then(|url| url.get("variable"))
            .and_then(Value::as_array);
        for own in variables.into_iter().flatten() {
            if let (Some(key), Some(value)) = (text(own, &["key"]), own.get("value")) {
                url = url.replace(&format!("/:{key}"), &format!("/{}", self.filled(&plain(value))));
            }
        }
        if url.contains("://") || url.starts_with('/') || url.starts_with("{{") {
            url
        } else {
            format!("http://{url}")
        }
    }

    /// Adds what an `auth` stands for; says so where that is not known.
    fn authorize(&mut self, auth: Option<&Value>, headers: &mut Headers) -> Option<String> {
        let auth = auth?;
        let kind = text(auth, &["type"])?;
        let mut value = |name: &str| {
            let own = auth.get(kind)?;
            let found = match own {
                Value::Array(own) => own
                    .iter()
                    .find(|own| text(own, &["key"]) == Some(name))?
                    .get("value")
                    .map(plain),
                own => own.get(name).map(plain),
            }?;
            Some(self.filled(&found))
        };
        match kind {
            "noauth" => None,
            "bearer" => {
                headers.append(
                    "Authorization",
                    format!("Bearer {}", value("token").unwrap_or_default()),
                );
                None
            }
            "basic" => {
                let pair = format!(
                    "{}:{}",
                    value("username").unwrap_or_default(),
                    value("password").unwrap_or_default()
                );
                headers.append("Authorization", format!("Basic {}", STANDARD.encode(pair)));
                None
            }
            "apikey" if value("in").as_deref() != Some("query") => {
                let (key, text) = (value("key").unwrap_or_default(), value("value").unwrap_or_default());
                if !key.is_empty() {
                    headers.append(key, text);
                }
                None
            }
            kind => Some(format!(
                "what its authorization ({}) adds is not in it",
                kind.escape_debug()
            )),
        }
    }

    /// The body's bytes; `None` where they are in a file.
    fn body(&mut self, body: Option<&Value>, headers: &mut Headers) -> Result<Option<Vec<u8>>, String> {
        let Some(body) = body.filter(|body| !is_disabled(body)) else {
            return Ok(Some(Vec::new()));
        };
        let mut kind = |kind: &str| {
            if !headers.contains("content-type") {
                headers.append("Content-Type", kind);
            }
        };
        match text(body, &["mode"]).unwrap_or("raw") {
            "raw" => {
                match text(body, &["options", "raw", "language"]) {
                    Some("json") => kind("application/json"),
                    Some("xml") => kind("application/xml"),
                    Some("html") => kind("text/html"),
                    Some("javascript") => kind("application/javascript"),
                    _ => {}
                }
                let raw = body.get("raw").map(plain).unwrap_or_default();
                Ok(Some(self.filled(&raw).into_bytes()))
            }
            "urlencoded" => {
                kind("application/x-www-form-urlencoded");
                let mut form = form_urlencoded::Serializer::new(String::new());
                for field in body.get("urlencoded").and_then(Value::as_array).into_iter().flatten() {
                    if !is_disabled(field) {
                        let value = field.get("value").map(plain).unwrap_or_default();
                        let (name, value) = (
                            self.filled(text(field, &["key"]).unwrap_or_default()),
                            self.filled(&value),
                        );
                        form.append_pair(&name, &value);
                    }
                }
                Ok(Some(form.finish().into_bytes()))
            }
            "graphql" => {
                kind("application/json");
                let query = text(body, &["graphql", "query"]).unwrap_or_default();
                let variables = text(body, &["graphql", "variables"]).unwrap_or("{}");
                let variables: Value = serde_json::from_str(variables).unwrap_or(Value::Null);
                Ok(Some(
                    serde_json::json!({"query": query, "variables": variables})
                        .to_string()
                        .into_bytes(),
                ))
            }
            "formdata" => self.parts(body, headers),
            "file" => Ok(None),
            other => Err(format!("a body of the mode `{}` is not known", other.escape_debug())),
        }
    }

    fn parts(&mut self, body: &Value, headers: &mut Headers) -> Result<Option<Vec<u8>>, String> {
        let mut parts = Vec::new();
        for field in body.get("formdata").and_then(Value::as_array).into_iter().flatten() {
            if is_disabled(field) {
                continue;
            }
            if text(field, &["type"]) == Some("file") {
                return Ok(None);
            }
            let value = field.get("value").map(plain).unwrap_or_default();
            let (name, value) = (
                self.filled(text(field, &["key"]).unwrap_or_default()),
                self.filled(&value),
            );
            parts.push(crate::exchange::curl::form::Part::text(&name, &value));
        }
        let (body, boundary) = crate::exchange::curl::form::write(&parts);
        headers.set("Content-Type", format!("multipart/form-data; boundary={boundary}"));
        Ok(Some(body))
    }
}

fn is_disabled(field: &Value) -> bool {
    field.get("disabled").and_then(Value::as_bool).unwrap_or(false)
}

/// A URL from its parts.
fn parts(url: &Value) -> String {
    let joined = |name: &str, between: &str| match url.get(name) {
        Some(Value::Array(parts)) => parts.iter().map(plain).collect::<Vec<_>>().join(between),
        Some(value) => plain(value),
        None => String::new(),
    };
    let port = text(url, &["port"]).map(|port| format!(":{port}")).unwrap_or_default();
    let protocol = text(url, &["protocol"]).unwrap_or("http");
    let mut fields = serde_json::Map::new();
    for field in url.get("query").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(key), false) = (text(field, &["key"]), is_disabled(field)) {
            fields.insert(key.to_owned(), field.get("value").cloned().unwrap_or(Value::Null));
        }
    }
    let query = if fields.is_empty() {
        String::new()
    } else {
        format!("?{}", form(&fields))
    };
    format!(
        "{protocol}://{}{port}/{}{query}",
        joined("host", "."),
        joined("path", "/").trim_start_matches('/')
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn variables_stand_in_variables_and_before_paths() {
        let collection = serde_json::json!({
            "info": {}, "variable": [
                {"key": "host", "value": "h.test"}, {"key": "base", "value": "https://{{host}}/v1"}, {"key": "me", "value": "{{me}}"},
            ],
            "item": [
                {"request": {"method": "POST", "url": "{{base}}/hooks"}},
                {"request": {"method": "POST", "url": "{{elsewhere}}/hooks?a=1"}},
                {"request": {"method": "POST", "url": "https://h.test/{{me}}"}},
            ],
        });
        let found = super::collection(&collection);
        let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
        assert_eq!(found[0].message.url.as_deref(), Some("https://h.test/v1/hooks"));
        assert!(found[0].notes.is_empty());
        assert_eq!(found[1].target(), "/hooks?a=1");
        assert_eq!(found[1].message.headers.text("host"), Some("{{elsewhere}}"));
        assert!(found[1].notes[0].contains("{{elsewhere}} is not known here"));
        assert!(found[2].notes[0].contains("{{me}}"), "one that stands for itself");
    }
}
