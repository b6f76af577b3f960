//! Captures as lines and programs that send them: exactly these bytes, and every value quoted so that it can't do
//! anything else.

mod files;
mod javascript;
mod python;
mod shell;

use crate::capture::{BodyHeld, Capture};
use crate::message::Headers;

/// What a capture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// A call of JavaScript's `fetch`.
    Fetch,
    /// Python with `requests`.
    Python,
    /// HTTPie's command line.
    Httpie,
    /// A `.http` file.
    HttpFile,
    /// A collection of Postman.
    Postman,
    /// A test for pytest.
    Pytest,
    /// A test for Vitest.
    Vitest,
}

/// What one capture says, as it is written.
struct Request<'c> {
    id: i64,
    method: &'c str,
    /// Scheme, host, path and query.
    url: String,
    /// Path and query.
    target: &'c str,
    /// Without what the client makes itself.
    headers: Headers,
    body: &'c [u8],
    /// A provider and its dialect.
    signer: Option<(&'c str, &'c str)>,
}

impl Request<'_> {
    /// The arguments that `ckwh sign` needs for it in a test, where `TARGET` is the address, each as `quote` writes it.
    /// `None` where nobody is known who signs it.
    fn sign_arguments(&self, quote: impl Fn(&str) -> String) -> Option<String> {
        let (provider, dialect) = self.signer?;
        let mut named = vec![
            ("--provider", provider),
            ("--dialect", dialect),
            ("--method", self.method),
        ];
        named.extend(self.headers.text("content-type").map(|kind| ("--content-type", kind)));
        let named = named
            .into_iter()
            .map(|(name, value)| format!("{}, {}", quote(name), quote(value)));
        let url = format!("{}, TARGET + {}", quote("--public-url"), quote(self.target));
        Some(named.chain([url]).collect::<Vec<_>>().join(", "))
    }

    /// The body as text, where it is one.
    fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.body).ok().filter(|text| !text.contains('\0'))
    }

    /// Every header once: what was there several times, with commas between (RFC 9110, 5.3).
    fn joined(&self) -> Vec<(&str, Vec<u8>)> {
        let mut joined: Vec<(&str, Vec<u8>)> = Vec::new();
        for (name, value) in self.headers.iter() {
            match joined.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
                Some((_, all)) => {
                    all.extend_from_slice(b", ");
                    all.extend_from_slice(value);
                }
                None => joined.push((name, value.to_vec())),
            }
        }
        joined
    }

    /// Whether a client that parses URLs sends this target as it is.
    fn is_tidy(&self) -> bool {
        let parsed = url::Url::parse(&self.url);
        parsed.is_ok_and(|parsed| parsed.as_str() == self.url || parsed.as_str() == format!("{}/", self.url))
    }
}

impl Language {
    /// What stands before the first capture.
    pub fn begin(self) -> String {
        match self {
            Self::Python => python::REQUESTS.to_owned(),
            Self::Pytest => python::PYTEST.to_owned(),
            Self::Vitest => javascript::VITEST.to_owned(),
            Self::Postman => files::postman_begin(),
            Self::Fetch | Self::Httpie | Self::HttpFile => String::new(),
        }
    }

    /// What stands between two captures.
    pub fn between(self) -> &'static str {
        match self {
            Self::Postman => ",\n",
            _ => "\n",
        }
    }

    /// What stands behind the last capture.
    pub fn end(self) -> &'static str {
        match self {
            Self::Postman => files::POSTMAN_END,
            _ => "",
        }
    }

    /// One capture. `base_url` stands in place of its own scheme and host; a test signs as `signer`, a provider in a
    /// dialect, does.
    ///
    /// # Errors
    /// Why this language can't send it as it is, in words.
    pub fn write(
        self,
        capture: &Capture,
        base_url: Option<&str>,
        signer: Option<(&str, &str)>,
    ) -> Result<String, String> {
        let recorded = &capture.recorded;
        if recorded.body_held == BodyHeld::Missing {
            return Err("its body is not held".into());
        }
        let message = &recorded.message;
        let mut headers = message.headers.clone();
        // What concerns its connection is for the client to make.
        headers.remove_hops();
        headers.check().map_err(|error| error.to_string())?;
        let request = Request {
            id: capture.id,
            method: &message.method,
            url: recorded.url(base_url),
            target: recorded.target(),
            headers,
            body: &message.body,
            signer,
        };
        if !crate::exchange::is_method(request.method) {
            return Err("its method is none that a request can have".into());
        }
        match self {
            Self::Fetch => javascript::fetch(&request),
            Self::Vitest => Ok(javascript::vitest(&request)),
            Self::Python => Ok(python::requests(&request)),
            Self::Pytest => Ok(python::pytest(&request)),
            Self::Httpie => shell::httpie(&request),
            Self::HttpFile => files::http_file(&request),
            Self::Postman => files::postman(&request),
        }
    }
}
