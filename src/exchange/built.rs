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
        let is_variable = self.url.starts_with("{{") || self.url.starts_with('$');
        let parts = match is_variable {
            true => Parts {
                host: String::new(),
                user: None,
                target: self.url.clone(),
            },
            false => url::parse(self.url.as_bytes(), true, true)?,
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
