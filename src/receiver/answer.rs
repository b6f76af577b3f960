//! What senders are answered.

use std::time::Duration;

use bytes::Bytes;

use super::handshake::Handshakes;
use crate::message::Headers;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers; the body's length is not among them.
    pub headers: Headers,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A status, with a line of text that explains it.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        if !text.is_empty() {
            text.push('\n');
        }
        Self {
            status,
            headers: [("Content-Type", "text/plain; charset=utf-8")].into_iter().collect(),
            body: text.into(),
        }
    }
}

/// The answers of a receiver that forwards nothing.
#[derive(Debug, Clone)]
pub struct Answers {
    /// The answer, where nothing else is said.
    pub reply: Reply,
    /// The statuses of the first answers; the last repeats.
    pub script: Vec<u16>,
    /// The share of answers that are 500, and where its random numbers begin.
    pub fail_rate: Option<(f64, u64)>,
    /// Whether what is not valid is answered 401.
    pub reject_invalid: bool,
    /// How handshakes are answered, where they are.
    pub handshakes: Option<Handshakes>,
    /// How long each answer is held back.
    pub delay: Duration,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            reply: Reply {
                status: 200,
                headers: Headers::default(),
                body: Bytes::new(),
            },
            script: Vec::new(),
            fail_rate: None,
            reject_invalid: false,
            handshakes: None,
            delay: Duration::ZERO,
        }
    }
}

impl Answers {
    /// The answer to the nth request, counted from 0.
    pub fn reply(&self, number: u64) -> Reply {
        let mut reply = self.reply.clone();
        if let Some(last) = self.script.len().checked_sub(1) {
            let at = usize::try_from(number).unwrap_or(last).min(last);
            reply.status = self.script[at];
        }
        if let Some((rate, seed)) = self.fail_rate
            && fastrand::Rng::with_seed(seed.wrapping_add(number)).f64() < rate
        {
            reply.status = 500;
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_ends_in_its_last_status_and_a_seed_repeats_itself() {
        let mut answers = Answers {
            script: vec![500, 502, 200],
            ..Answers::default()
        };
        let statuses: Vec<_> = (0..5).map(|number| answers.reply(number).status).collect();
        assert_eq!(statuses, [500, 502, 200, 200, 200]);
        answers.script.clear();
        answers.fail_rate = Some((0.3, 7));
        let run = || (0..1000).map(|number| answers.reply(number).status).collect::<Vec<_>>();
        let failed = run().iter().filter(|status| **status == 500).count();
        assert!((200..400).contains(&failed), "{failed}");
        assert_eq!(run(), run());
    }
}
