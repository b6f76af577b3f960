//! A receiver in this process, on an HTTP implementation that is not ckwh's own.

use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use tiny_http::{Header, Request, Response, Server};

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub target: String,
    /// In their order, names as they were written.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.as_str())
    }
}

/// What is answered.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// A status alone.
pub fn status(status: u16) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

/// A receiver that was called at least once, or the test fails.
pub struct Receiver {
    server: Arc<Server>,
    seen: Arc<Mutex<Vec<Seen>>>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Answers each request with what `handler` makes of it; a panic in it fails the test.
    pub fn start(mut handler: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        Self::in_groups(1, move |group| group.iter().map(&mut handler).collect())
    }

    /// Waits for `size` requests before any of them is answered.
    pub fn in_groups(size: usize, mut handler: impl FnMut(&[Seen]) -> Vec<Reply> + Send + 'static) -> Self {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (serving, seeing) = (Arc::clone(&server), Arc::clone(&seen));
        let thread = thread::spawn(move || {
            let mut waiting: Vec<(Request, Seen)> = Vec::new();
            for mut request in serving.incoming_requests() {
                let taken = read(&mut request);
                seeing.lock().unwrap().push(taken.clone());
                waiting.push((request, taken));
                if waiting.len() < size {
                    continue;
                }
                let (requests, group): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
                for (request, reply) in requests.into_iter().zip(handler(&group)) {
                    answer(request, reply);
                }
            }
        });
        Self {
            server,
            seen,
            thread: Some(thread),
        }
    }

    pub fn address(&self) -> String {
        self.server.server_addr().to_string()
    }

    /// What has arrived.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.unblock();
        let ended = self.thread.take().map(JoinHandle::join);
        if thread::panicking() {
            return;
        }
        if let Some(Err(panic)) = ended {
            std::panic::resume_unwind(panic);
        }
        assert!(!self.seen.lock().unwrap().is_empty(), "the receiver was never called");
    }
}

fn read(request: &mut Request) -> Seen {
    let mut body = Vec::new();
    request.as_reader().read_to_end(&mut body).unwrap();
    Seen {
        method: request.method().to_string(),
        target: request.url().to_owned(),
        headers: request
            .headers()
            .iter()
            .map(|field| (field.field.to_string(), field.value.to_string()))
            .collect(),
        body,
    }
}

fn answer(request: Request, reply: Reply) {
    let mut response = Response::from_data(reply.body).with_status_code(reply.status);
    for (name, value) in reply.headers {
        response.add_header(Header::from_bytes(name, value).unwrap());
    }
    // A client that has left is the test's own matter.
    let _ = request.respond(response);
}
