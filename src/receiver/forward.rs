//! Passing requests on while their senders wait.

use std::time::Duration;

use super::answer::Reply;
use crate::capture::{Outcome, Recorded};
use crate::delivery::{Client, Endpoint, FailureCause};
use crate::message::{Headers, Message};
use crate::store::Pattern;

/// As much is kept of what an answer says of its server, in characters.
const LONGEST_SERVER: usize = 128;

/// 101: the connection goes on in another protocol.
const SWITCHED: u16 = 101;
const OTHER_PROTOCOL: &str = "the receiver answered 101: it would speak another protocol";

/// Where events are passed on to.
#[derive(Debug)]
pub struct Forward {
    routes: Vec<Route>,
    preserve_host: bool,
    /// How this receiver names itself in `Via`, to know its own requests again (RFC 9110, 7.6.3).
    pseudonym: String,
}

/// Where some events are passed on to.
#[derive(Debug)]
pub struct Route {
    /// Which; `None` is every request.
    pub event: Option<Pattern>,
    /// Where to.
    pub endpoint: Endpoint,
    /// How.
    pub client: Client,
}

/// One request on its way.
#[derive(Debug)]
pub struct RoutedRequest<'a> {
    client: &'a Client,
    /// Where to.
    pub endpoint: Endpoint,
}

impl RoutedRequest<'_> {
    /// The URL that it goes to, with its target as it goes out.
    pub fn url(&self) -> String {
        self.client.url_sent(&self.endpoint)
    }
}

impl Forward {
    /// Routes by event type, the first that matches counts; one without a pattern matches every request.
    pub fn new(routes: Vec<Route>, preserve_host: bool) -> Self {
        Self {
            routes,
            preserve_host,
            pseudonym: format!("ckwh-{:016x}", fastrand::u64(..)),
        }
    }

    /// Where a request goes, where a route is for it: the route's own path with the request's query, or the request's
    /// path where the route has none.
    pub fn route(&self, recorded: &Recorded, event_type: Option<&str>) -> Option<RoutedRequest<'_>> {
        let route = self.routes.iter().find(|route| match &route.event {
            None => true,
            Some(pattern) => event_type.is_some_and(|event_type| pattern.matches(event_type)),
        })?;
        Some(RoutedRequest {
            client: &route.client,
            endpoint: route.endpoint.toward(recorded.target()),
        })
    }

    /// Whether a request was passed on by this receiver before.
    pub fn is_loop(&self, message: &Message) -> bool {
        message
            .headers
            .get_all("via")
            .any(|value| String::from_utf8_lossy(value).contains(&self.pseudonym))
    }

    /// Delivers, and gives what the sender is answered: the receiver's own answer, or 502 or 504.
    pub async fn pass(&self, routed: &RoutedRequest<'_>, message: &Message) -> (Outcome, Reply) {
        let mut headers = message.headers.clone();
        headers.remove_hops();
        if !self.preserve_host {
            headers.remove("host");
        }
        headers.append("Via", format!("1.1 {}", self.pseudonym));
        let outgoing = Message {
            method: message.method.clone(),
            url: None,
            headers,
            ..Message::new(message.body.clone())
        };
        let (attempt, answer) = routed.client.attempt(&routed.endpoint, &outgoing).await;
        let outcome = Outcome {
            status: attempt.status,
            duration: rounded(attempt.duration),
            failure: match (&attempt.failure, attempt.status) {
                (Some(failure), _) => Some(failure.message.clone()),
                (None, Some(SWITCHED)) => Some(OTHER_PROTOCOL.to_owned()),
                (None, _) => None,
            },
            server: answer.as_ref().and_then(|answer| server(&answer.headers)),
        };
        let reply = match (answer, attempt.failure) {
            // The connection would not be HTTP any more, for which nobody here has asked.
            (Some(answer), _) if answer.status == SWITCHED => Reply::text(502, OTHER_PROTOCOL),
            (Some(mut answer), _) => {
                answer.headers.remove_hops();
                Reply {
                    status: answer.status,
                    headers: answer.headers,
                    body: answer.body.into(),
                }
            }
            (None, Some(failure)) if failure.cause == FailureCause::Timeout => Reply::text(504, failure.message),
            (None, failure) => Reply::text(502, failure.map_or_else(String::new, |failure| failure.message)),
        };
        (outcome, reply)
    }
}

/// What an answer says of the program that gave it.
fn server(headers: &Headers) -> Option<String> {
    let named = ["x-powered-by", "server"]
        .into_iter()
        .flat_map(|name| headers.get_all(name));
    let texts: Vec<String> = named.map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    (!texts.is_empty()).then(|| texts.join(", ").chars().take(LONGEST_SERVER).collect())
}

/// To microseconds, as it is kept.
fn rounded(duration: Duration) -> Duration {
    Duration::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::ClientOptions;

    fn passage(to: &str, target: &str) -> String {
        let endpoint = Endpoint::parse(to, "/").unwrap();
        let options = ClientOptions {
            timeout: Duration::from_secs(1),
            follow: false,
            ca_certificate: None,
            insecure: false,
        };
        let route = Route {
            event: None,
            client: Client::new(&endpoint, &options).unwrap(),
            endpoint,
        };
        let forward = Forward::new(vec![route], false);
        let recorded = Recorded::new(Message {
            url: Some(target.into()),
            ..Message::new("")
        });
        forward.route(&recorded, None).unwrap().endpoint.to_string()
    }

    #[test]
    fn a_path_of_the_target_wins_and_the_query_is_kept() {
        for (to, target, expected) in [
            ("3000", "/a/b?c=d", "http://localhost:3000/a/b?c=d"),
            ("localhost:3000/", "/a/b?c=d", "http://localhost:3000/?c=d"),
            ("localhost:3000/x", "/a/b?c=d", "http://localhost:3000/x?c=d"),
            ("localhost:3000/x?k=v", "/a?c=d", "http://localhost:3000/x?k=v&c=d"),
            ("localhost:3000/x?k=v", "/a", "http://localhost:3000/x?k=v"),
        ] {
            assert_eq!(passage(to, target), expected, "{to} {target}");
        }
    }
}
