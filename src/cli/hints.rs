//! What to do next where a receiver did not take a delivery: short lines, and a command to paste.

use ckwh::capture::Excerpt;
use ckwh::delivery::Endpoint;
use ckwh::exchange::curl;
use ckwh::json;
use ckwh::message::Message;

use super::app::App;
use super::args::SecretArg;

/// How much of an answer is read for the word that names the cause, in bytes.
const READ: usize = 8 * 1024;

/// What is known of a delivery that was not taken.
pub struct Refused<'a> {
    pub message: &'a Message,
    pub endpoint: &'a Endpoint,
    pub answer: &'a Excerpt,
    /// The secret that it was signed with: where it came from, and its fingerprint.
    pub secret: Option<(String, String)>,
    /// What makes ckwh look at it again: `ckwh verify sent`, or why that can't be done.
    pub again: Again<'a>,
    /// Whether it bears the signature that it was captured with.
    pub as_captured: bool,
    /// Whether the body is a file that is not written as the provider writes it.
    pub is_foreign_writing: bool,
}

/// How the delivery can be judged afterwards.
pub enum Again<'a> {
    /// It is named so for `ckwh verify`, which needs these secrets.
    Kept(&'a str, &'a [SecretArg]),
    /// It was not kept.
    Lost,
}

impl App {
    /// Says what to do next, where the answer shows it.
    pub fn hint_at(&mut self, refused: &Refused<'_>) {
        let status = refused.answer.status;
        match status {
            300..=399 => self.hint_at_redirect(refused),
            404 | 410 => {
                let path = refused.endpoint.target();
                let whose = match refused.endpoint.default_path {
                    true => ", which is the documented one",
                    false => "",
                };
                let origin = refused.endpoint.url().origin().ascii_serialization();
                let place = origin.strip_prefix("http://").unwrap_or(&origin);
                self.report.hint(
                    &format!("nothing is mounted at {path}{whose}; name your handler's path:"),
                    Some(&format!("--to {place}/your/path")),
                );
            }
            405 => self.report.hint(
                &format!(
                    "{} takes no {}; is it the path of your handler?",
                    refused.endpoint.target(),
                    refused.message.method
                ),
                None,
            ),
            _ if is_of_signature(refused.answer) => self.hint_at_signature(refused),
            _ => {}
        }
    }

    fn hint_at_redirect(&mut self, refused: &Refused<'_>) {
        let Some(location) = refused.answer.headers.text("location") else {
            return;
        };
        let url = refused.endpoint.url().join(location);
        let to = url.map_or_else(|_| location.to_owned(), |url| url.to_string());
        let to = self.settings.credentials.mask_url(&to).into_owned();
        self.report.hint(
            "it is redirected: name the place itself, or add --follow",
            Some(&format!("--to {}", typed(&to))),
        );
    }

    fn hint_at_signature(&mut self, refused: &Refused<'_>) {
        if refused.is_foreign_writing {
            self.report.hint(
                "the file is not written as the provider writes JSON, which a handler that hashes parsed JSON notices; try",
                Some("--body-style provider"),
            );
        }
        if is_form(refused.message) {
            self.report.hint(
                "it went as a form, of which a JSON parser leaves nothing; try",
                Some("-H 'Content-Type: application/json'"),
            );
        }
        if refused.as_captured {
            self.report.hint(
                "it bears the signature that it was captured with; it is signed anew without",
                Some("--keep-signature"),
            );
        }
        let Some((source, fingerprint)) = &refused.secret else {
            return;
        };
        self.report.hint(
            &format!("is the secret of your handler the one from {source}, fingerprint {fingerprint}? Compare:"),
            Some("ckwh fingerprint"),
        );
        match refused.again {
            Again::Kept(name, secrets) => {
                let secrets: Vec<_> = secrets.iter().filter_map(as_typed).collect();
                let command = format!("ckwh verify {name} --computed -{}", secrets.concat());
                self.report.hint(
                    "or let it log the signature that it computes, and paste its log into",
                    Some(&command),
                );
            }
            Again::Lost => self.report.hint(
                "what was sent is not kept, so that it can't be looked at; send it without --no-keep",
                None,
            ),
        }
    }
}

/// A secret as it is named again; a value never is.
fn as_typed(secret: &SecretArg) -> Option<String> {
    match secret {
        SecretArg::Variable(name) => Some(format!(" --secret-env {}", typed(name))),
        SecretArg::File(path) => Some(format!(" --secret-file {}", typed(&path.display().to_string()))),
        SecretArg::EnvFile(path) => Some(format!(" --env-file {}", typed(&path.display().to_string()))),
        SecretArg::Given(name, _) => Some(format!(" --given {name}=\"$VALUE\"")),
        SecretArg::Value(_) => Some(" --secret \"$SECRET\"".to_owned()),
    }
}

/// Whether a signature was refused: by the status, or by what the answer says.
pub fn is_of_signature(answer: &Excerpt) -> bool {
    match answer.status {
        401 | 403 => true,
        400 | 422 | 500 => {
            let beginning = &answer.body[..answer.body.len().min(READ)];
            let text = String::from_utf8_lossy(beginning).to_ascii_lowercase();
            ["signature", "hmac"].iter().any(|word| text.contains(word))
        }
        _ => false,
    }
}

/// Whether JSON went under the content type of a form.
fn is_form(message: &Message) -> bool {
    let content_type = message.headers.text("content-type").unwrap_or_default();
    content_type
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
        && json::parse(&message.body).is_ok()
}

/// `text` as a word of a command line, quoted where it must be.
pub fn typed(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_./:@%+=,-".contains(char);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => curl::quote(text),
    }
}
