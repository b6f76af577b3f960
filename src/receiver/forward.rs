//! Passing requests on while their senders wait.

use std::time::{Duration, Instant};

use super::answer::Reply;
use crate::capture::{Excerpt, Outcome, Recorded};
use crate::delivery::{Answer, Client, Endpoint, FailureCause};
use crate::message::{Headers, Message};
use crate::store::Pattern;

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
            Some(pattern) => event_type.is_some_and(|event_type| pattern.means_event(event_type)),
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

    /// Delivers, and gives what the sender is answered: the receiver's own answer, whose body comes yet, and how long its
    /// head took; else what came of it, and 502 or 504.
    pub async fn pass(
        &self,
        routed: &RoutedRequest<'_>,
        message: &Message,
    ) -> Result<(Answer, Duration), (Outcome, Reply)> {
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
        let began = Instant::now();
        let opened = routed.client.open(&routed.endpoint, &outgoing).await;
        let duration = began.elapsed();
        match opened {
            Ok(answer) if answer.status == SWITCHED => {
                let failure = Some(OTHER_PROTOCOL.to_owned());
                let mut excerpt = Excerpt::new(answer.status, answer.headers);
                excerpt.truncated = true;
                let reply = Reply::text(502, OTHER_PROTOCOL);
                Err((outcome(Some(excerpt), duration, failure), reply))
            }
            Ok(answer) => Ok((answer, duration)),
            Err(failure) => {
                let status = match failure.cause {
                    FailureCause::Timeout => 504,
                    _ => 502,
                };
                let reply = Reply::text(status, failure.message.as_str());
                Err((outcome(None, duration, Some(failure.message)), reply))
            }
        }
    }
}

/// What came of a delivery, as it is kept.
pub fn outcome(answer: Option<Excerpt>, duration: Duration, failure: Option<String>) -> Outcome {
    Outcome {
        status: answer.as_ref().map(|answer| answer.status),
        duration: rounded(duration),
        failure,
        server: answer.as_ref().and_then(Excerpt::server),
        answer: answer.map(Box::new),
    }
}

/// An answer's headers as its sender gets them. What would say how long a body is that `HEAD` leaves out stays.
pub fn passed_on(headers: &Headers, to_head: bool) -> Headers {
    let length = headers.get("content-length").filter(|_| to_head).map(<[u8]>::to_vec);
    let mut headers = headers.clone();
    headers.remove_hops();
    if let Some(length) = length {
        headers.append("Content-Length", length);
    }
    headers
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
        let route = Route {
            event: None,
            client: Client::new(&endpoint, &ClientOptions::default()).unwrap(),
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
