//! What is tried: a handler's address, and the deliveries of one provider to it.

use jiff::{SignedDuration, Timestamp};

use super::case::Condition;
use crate::delivery::{Client, Endpoint};
use crate::json::Value;
use crate::message::{Message, Place};
use crate::provider::fixture::{self, FixtureError};
use crate::provider::{BodyKind, Chain, Fresh, Provider, RetryClass, TemplateFacts};
use crate::scheme::{Kind, Part, Signature};
use crate::secret::Secret;

/// Hex digits that stand in every id that is made here, so that tests can be told from real events.
pub const MARK: &str = "7e577e57";

/// The handler, and whose deliveries it gets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Subject {
    /// Whose deliveries they are.
    pub provider: Provider,
    /// What signs them: the first, and where there is a second that one too.
    pub secrets: Vec<Secret>,
    /// Where they go.
    pub endpoint: Endpoint,
    /// The URL that is signed, for schemes that sign it; without it, the endpoint's.
    pub public_url: Option<String>,
    /// The event of most cases.
    pub event: String,
    /// Events that follow each other.
    pub chain: Option<Chain>,
}

/// An event before it is a message.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub event_type: String,
    pub payload: Value,
    pub id: String,
    pub at: Timestamp,
    /// The digits of the object that a chain of events is about.
    pub object: Option<String>,
}

impl Subject {
    /// A subject whose cases are of `event`; of the provider's first that has a fixture, where none is given. `None`
    /// where it has none.
    pub fn new(provider: Provider, secrets: Vec<Secret>, endpoint: Endpoint, event: Option<&str>) -> Option<Self> {
        let event = match event {
            Some(event) => event.to_owned(),
            None => events(&provider).next()?.to_owned(),
        };
        let chain = provider.table.chain.first().cloned();
        Some(Self {
            provider,
            secrets,
            endpoint,
            public_url: None,
            event,
            chain,
        })
    }

    /// Every event that has a fixture.
    pub(super) fn events(&self) -> impl Iterator<Item = &str> {
        events(&self.provider)
    }

    /// Those that the first secret makes.
    fn signatures(&self) -> impl Iterator<Item = &Signature> {
        let secret = self.secrets.first();
        let is_made = move |own: &&Signature| secret.is_some_and(|secret| own.mac(secret).is_ok());
        self.provider.scheme.signatures.iter().filter(is_made)
    }

    /// Whether that is so, where `client` delivers.
    pub(super) fn holds(&self, condition: Condition, client: &Client) -> bool {
        let table = &self.provider.table;
        let rule = self.provider.scheme.timestamp.as_ref();
        let every =
            |test: &dyn Fn(&Signature) -> bool| self.signatures().next().is_some() && self.signatures().all(test);
        let has_part = |part: &Part| self.signatures().any(|own| own.content.parts().contains(part));
        match condition {
            Condition::Timestamp => rule.is_some() && has_part(&Part::Timestamp),
            Condition::PastLimit => rule.is_some_and(|rule| rule.tolerance.past.0.is_some()),
            Condition::FutureLimit => rule.is_some_and(|rule| rule.tolerance.future.0.is_some()),
            Condition::SignedId => matches!(self.provider.scheme.id, Some(Place::Header(_))) && has_part(&Part::Id),
            Condition::Signed => self.signatures().next().is_some(),
            Condition::SignedBytes => every(&|own| own.covers_body() && !own.content.reads_json()),
            Condition::SignedBody => every(&Signature::covers_body),
            Condition::Json => table.request.body == BodyKind::Json,
            Condition::Hmac => every(&|own| own.kind.is_hmac()),
            Condition::Sha256 => every(&|own| own.kind == Kind::HmacSha256),
            Condition::List => self.signatures().any(|own| own.grammar.is_list()),
            Condition::SecondSecret => self.secrets.len() > 1,
            Condition::Identity => !table.event.identity.is_empty(),
            Condition::DeliveryId => {
                let is_in_body = |place: &Place| matches!(place, Place::Body(_));
                table.event.identity.iter().all(is_in_body) && self.names_deliveries()
            }
            Condition::RetriesRefusals => {
                table.delivery.retries > 0 && table.delivery.tries_again(RetryClass::ClientError, None)
            }
            Condition::Chain => self.chain.is_some(),
            Condition::Plain => client.is_plain(&self.endpoint),
        }
    }

    /// Whether a header of the provider is another for each delivery of the same event.
    fn names_deliveries(&self) -> bool {
        let with = |uuid: &str| TemplateFacts {
            event_type: Some(String::new()),
            id: Some(String::new()),
            timestamp: Some(Timestamp::UNIX_EPOCH),
            uuid: uuid.to_owned(),
        };
        let mut templates = self.provider.table.request.headers.values();
        templates.any(|template| template.fill(&with("1")) != template.fill(&with("2")))
    }

    /// How old a delivery may be, and how far ahead; an hour where the provider does not say.
    pub(super) fn limit(&self, past: bool) -> SignedDuration {
        let tolerance = self.provider.scheme.timestamp.as_ref().map(|rule| rule.tolerance);
        let limit = tolerance.and_then(|tolerance| match past {
            true => tolerance.past.0,
            false => tolerance.future.0,
        });
        limit
            .and_then(|limit| SignedDuration::try_from(limit).ok())
            .unwrap_or(SignedDuration::from_hours(1))
    }

    /// The event of that type, with an id of its own and the times of `at`; `None` where it has no fixture.
    ///
    /// # Errors
    /// [`FixtureError`].
    pub(super) fn draft(&self, event_type: &str, at: Timestamp) -> Result<Option<Draft>, FixtureError> {
        let Some(mut payload) = fixture::payload(&self.provider, event_type)? else {
            return Ok(None);
        };
        let id = marked(&fixture::new_id(&self.provider));
        fixture::refresh(&self.provider, &mut payload, &id, at);
        self.make_unique(&mut payload, &id);
        Ok(Some(Draft {
            event_type: event_type.to_owned(),
            payload,
            id,
            at,
            object: None,
        }))
    }

    /// Where no id tells deliveries apart, the first text that does gets a mark of its own.
    fn make_unique(&self, payload: &mut Value, id: &str) {
        let event = &self.provider.table.event;
        let is_fresh = |pointer: &str| event.fresh.get(pointer) == Some(&Fresh::Id);
        let is_told_apart = event.identity.iter().any(|place| match place {
            Place::Body(pointer) => is_fresh(pointer),
            _ => true,
        });
        if is_told_apart {
            return;
        }
        for place in event.identity.iter().filter(|place| !event.says(place)) {
            let Place::Body(pointer) = place else { continue };
            if event.fresh.contains_key(pointer) {
                continue;
            }
            if let Some(Value::String(text)) = payload.pointer_mut(pointer) {
                let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
                let end = digits.len().min(16);
                text.push('-');
                text.push_str(&digits[..end]);
                return;
            }
        }
    }

    /// What of `message` names its event, for finding what came of it.
    pub(super) fn ids(&self, message: &Message) -> Vec<String> {
        let identity = self.provider.table.event.identity.iter();
        let mut ids: Vec<String> = message.id.iter().cloned().collect();
        ids.extend(
            identity
                .filter_map(|place| place.read(message))
                .filter(|text| text.contains(MARK)),
        );
        ids.sort();
        ids.dedup();
        ids
    }
}

fn events(provider: &Provider) -> impl Iterator<Item = &str> {
    let table = &provider.table;
    let types = table.events.keys().chain(table.undocumented_events.keys());
    types
        .map(String::as_str)
        .filter(|event| provider.folder.has_event(event))
}

/// `id` with [`MARK`] in place of its first eight hex digits in a row, so that its form stays; before it, where it has
/// none.
fn marked(id: &str) -> String {
    let bytes = id.as_bytes();
    let is_hex =
        |at: usize| bytes[at..].len() >= MARK.len() && bytes[at..at + MARK.len()].iter().all(u8::is_ascii_hexdigit);
    match (0..bytes.len()).find(|at| is_hex(*at)) {
        Some(at) => format!("{}{MARK}{}", &id[..at], &id[at + MARK.len()..]),
        None => format!("{MARK}{id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_form() {
        assert_eq!(marked("evt_0123456789abcdef01234567"), "evt_7e577e5789abcdef01234567");
        assert_eq!(
            marked("c0ffee00-1111-4222-8333-444455556666"),
            "7e577e57-1111-4222-8333-444455556666"
        );
        assert_eq!(marked("msg"), "7e577e57msg");
    }
}
