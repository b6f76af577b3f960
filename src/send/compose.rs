//! Composes unsigned messages: an event's fixture, or bytes that are taken as they are.

use bytes::Bytes;
use jiff::Timestamp;

use super::SendError;
use crate::clock::Clock;
use crate::json::{Style, Value};
use crate::message::Message;
use crate::provider::Provider;
use crate::provider::fixture::{self, Edit};

/// Composes a message as often as it is asked for one.
#[derive(Debug)]
pub struct Composer {
    /// The provider whose message it is.
    pub provider: Provider,
    /// What it carries.
    pub payload: Payload,
    /// How JSON is written; without it, as the provider writes it.
    pub style: Option<&'static Style>,
    /// Whether the fixture's own id and times are kept.
    pub as_is: bool,
    /// The message's id; without it, each gets a new one.
    pub id: Option<String>,
    /// When it is signed.
    pub clock: Clock,
}

/// What a message carries.
#[derive(Debug)]
pub enum Payload {
    /// An event's payload in the provider's dialect.
    Event {
        /// The fixture.
        payload: Value,
        /// The event's type.
        event_type: String,
        /// The edits, applied in order to the refreshed payload.
        edits: Vec<Edit>,
    },
    /// Bytes that are the body.
    Body {
        /// The bytes.
        body: Bytes,
        /// The event's type, where the body does not say it.
        event_type: Option<String>,
    },
}

impl Composer {
    /// The next message at `at`: with a fresh id and fresh times, the edits, and the provider's request headers.
    ///
    /// # Errors
    /// [`SendError::Edit`], [`SendError::Fixture`].
    pub fn compose(&self, at: Timestamp) -> Result<Message, SendError> {
        let id = || self.id.clone().unwrap_or_else(|| fixture::new_id(&self.provider));
        let mut message = match &self.payload {
            Payload::Body { body, event_type } => {
                fixture::message(&self.provider, body.clone(), event_type.clone(), Some(id()), at)
            }
            Payload::Event {
                payload,
                event_type,
                edits,
            } => {
                let id = id();
                let mut payload = payload.clone();
                if !self.as_is {
                    fixture::refresh(&self.provider, &mut payload, &id, at);
                }
                for edit in edits {
                    edit.apply(&mut payload)?;
                }
                let body = fixture::body(&self.provider, &payload, self.style)?;
                fixture::message(&self.provider, body.into(), Some(event_type.clone()), Some(id), at)
            }
        };
        fixture::set_headers(&self.provider, &mut message);
        Ok(message)
    }
}
