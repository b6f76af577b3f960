//! What a delivery is expected to come to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use super::Delivery;
use crate::clock;
use crate::message::{HeaderError, Headers};

/// Statuses, written `2xx`, `401` or several with `|` between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(Vec<StatusPattern>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatusPattern {
    Class(u16),
    One(u16),
}

/// What is no status.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not a status: give one such as 401 or 2xx, or several as 2xx|401", .0.escape_debug())]
pub struct StatusError(String);

impl FromStr for Statuses {
    type Err = StatusError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let one = |part: &str| match part.strip_suffix("xx").or_else(|| part.strip_suffix("XX")) {
            Some(class) => class
                .parse()
                .ok()
                .filter(|class| (1..=5).contains(class))
                .map(StatusPattern::Class),
            None => part
                .parse()
                .ok()
                .filter(|status| (100..=599).contains(status))
                .map(StatusPattern::One),
        };
        let patterns = text.split(['|', ',']).map(|part| one(part.trim()));
        patterns
            .collect::<Option<_>>()
            .map(Self)
            .ok_or_else(|| StatusError(text.to_owned()))
    }
}

impl Default for Statuses {
    fn default() -> Self {
        Self(vec![StatusPattern::Class(2)])
    }
}

impl Statuses {
    /// Whether `status` is one of them.
    pub fn contain(&self, status: u16) -> bool {
        self.0.iter().any(|pattern| match pattern {
            StatusPattern::Class(class) => status / 100 == *class,
            StatusPattern::One(one) => status == *one,
        })
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pattern) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { " or " };
            match pattern {
                StatusPattern::Class(class) => write!(f, "{between}{class}xx")?,
                StatusPattern::One(one) => write!(f, "{between}{one}")?,
            }
        }
        Ok(())
    }
}

/// A header that an answer must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedHeader {
    /// Its name.
    pub name: String,
    /// Its value, to which parameters (`; charset=utf-8`) may be added; `None` is any.
    pub value: Option<String>,
}

impl ExpectedHeader {
    /// Reads `Name` or `Name: value`.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn parse(text: &str) -> Result<Self, HeaderError> {
        let (name, value) = match text.contains(':') {
            true => {
                let (name, value) = Headers::parse_line(text)?;
                (name, Some(String::from_utf8_lossy(&value).into_owned()))
            }
            false => (Headers::parse_line(&format!("{text}:"))?.0, None),
        };
        Ok(Self { name, value })
    }

    fn unmet(&self, headers: &Headers) -> Option<String> {
        let Some(value) = &self.value else {
            return (!headers.contains(&self.name)).then(|| format!("the answer has no header {}", self.name));
        };
        let is_it = |own: &[u8]| {
            let rest = own.strip_prefix(value.as_bytes());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b";"))
        };
        if headers.get_all(&self.name).any(is_it) {
            return None;
        }
        let came = headers.text(&self.name);
        let came = came.map_or_else(|| "there is none".to_owned(), |came| format!("it is `{came}`"));
        Some(format!("expected {}: {value}, but {came}", self.name))
    }
}

/// A question to an answer's body.
pub trait BodyTest: fmt::Debug + Send + Sync {
    /// Whether the body passes, or why that can't be said.
    ///
    /// # Errors
    /// The reason, as a sentence.
    fn passes(&self, body: &[u8]) -> Result<bool, String>;
    /// The question as it was typed.
    fn text(&self) -> &str;
}

/// What a delivery must come to.
#[derive(Debug, Clone, Default)]
pub struct Expectation {
    /// The answer's status.
    pub statuses: Statuses,
    /// A text in the answer's body.
    pub body: Option<String>,
    /// What the answer's body must say yes to.
    pub test: Option<Arc<dyn BodyTest>>,
    /// Headers of the answer.
    pub headers: Vec<ExpectedHeader>,
    /// How long all attempts together may take.
    pub within: Option<Duration>,
}

impl Expectation {
    /// What of it `delivery` does not meet, each as a sentence. A delivery without an answer meets nothing, and its
    /// failure says why.
    pub fn unmet(&self, delivery: &Delivery) -> Vec<String> {
        let Some(answer) = &delivery.answer else {
            return delivery
                .failure()
                .map(|failure| failure.message.clone())
                .into_iter()
                .collect();
        };
        let mut unmet = Vec::new();
        if !self.statuses.contain(answer.status) {
            unmet.push(format!("expected {}, got {}", self.statuses, answer.status));
        }
        if let Some(text) = &self.body
            && memchr::memmem::find(&answer.body, text.as_bytes()).is_none()
        {
            let whole = if answer.truncated {
                "the beginning of the answer"
            } else {
                "the answer"
            };
            unmet.push(format!("{whole} does not hold `{text}`"));
        }
        if let Some(test) = &self.test {
            unmet.extend(match test.passes(&answer.body) {
                Ok(true) => None,
                Ok(false) => Some(format!("the answer does not say yes to `{}`", test.text())),
                Err(why) => Some(why),
            });
        }
        unmet.extend(self.headers.iter().filter_map(|header| header.unmet(&answer.headers)));
        if let Some(within) = self.within
            && delivery.duration() > within
        {
            unmet.push(format!(
                "expected an answer within {}, it took {} ms",
                clock::shown(within),
                delivery.duration().as_millis()
            ));
        }
        unmet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_alone_and_together() {
        let statuses: Statuses = "2xx|401".parse().unwrap();
        assert!(statuses.contain(204) && statuses.contain(401) && !statuses.contain(400));
        assert_eq!(statuses.to_string(), "2xx or 401");
        for text in ["", "6xx", "99", "2x", "200|", "ok"] {
            assert!(text.parse::<Statuses>().is_err(), "{text}");
        }
    }
}
