//! A request that a line of a program would send: its URL's host and its body's length are headers of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::curl::url::{self, Parts};
use crate::capture::{BodyHeld, Recorded};
use crate::message::{Headers, Message};

/// What a line says.
#[derive(Debug, Default)]
pub struct Built {
    pub method: String,
    pub url: String,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// Variables that are not known, as they are written.
    pub unknown: Vec<String>,
    pub lost: Vec<String>,
    pub notes: Vec<String>,
    pub body_held: BodyHeld,
}

/// The host, as it is written, and the target of a URL that begins with a variable: a variable at its beginning stands
/// for where requests go, and not for a part of the path.
pub fn behind_variable(url: &str) -> Option<(String, String)> {
    if !(url.starts_with("{{") || url.starts_with('$')) {
        return None;
    }
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => rest,
        _ => url,
    };
    let (host, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let behind = behind.split('#').next().unwrap_or_default();
    let slash = if behind.starts_with('/') { "" } else { "/" };
    Some((host.to_owned(), format!("{slash}{}", behind.replace(' ', "%20"))))
}

impl Built {
    /// Adds a header where it was not given.
    pub fn default_header(&mut self, name: &str, value: impl AsRef<[u8]>) {
        if !self.headers.contains(name) {
            self.headers.append(name, value);
        }
    }

    /// Notes a variable that is not known.
    pub fn not_known(&mut self, written: impl Into<String>) {
        let written = written.into();
        if !self.unknown.contains(&written) {
            self.unknown.push(written);
        }
    }

    /// The request.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn recorded(mut self) -> Result<Recorded, String> {
        let parts = match behind_variable(&self.url) {
            Some((host, target)) => Parts {
                host,
                user: None,
                target,
            },
            None => url::parse(self.url.as_bytes(), true, true)?,
        };
        if !parts.host.is_empty() {
            self.default_header("Host", parts.host);
        }
        if let Some(user) = parts.user {
            self.default_header("Authorization", format!("Basic {}", STANDARD.encode(user)));
        }
        if !self.body.is_empty() {
            self.headers.set("Content-Length", self.body.len().to_string());
        }
        self.headers.check().map_err(|error| error.to_string())?;
        if !self.unknown.is_empty() {
            self.notes.push(format!(
                "{} is not known here, and stands as it is written",
                self.unknown.join(", ")
            ));
        }
        let message = Message {
            method: self.method,
            url: Some(parts.target),
            headers: self.headers,
            ..Message::new(self.body)
        };
        self.lost.extend(super::credentials::loss(&message));
        Ok(Recorded {
            lost: self.lost,
            notes: self.notes,
            body_held: self.body_held,
            ..Recorded::new(message)
        })
    }
}
