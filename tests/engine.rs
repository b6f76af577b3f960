//! `send` and `replay` as calls of the library: what they are asked for is plain data, and what happens is told.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use std::collections::HashMap;
use std::future;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ckwh::clock::Clock;
use ckwh::delivery::run::{Event, Observer, RunError, RunOutcome};
use ckwh::delivery::{Client, ClientOptions, Endpoint, Expectation, PaceOptions};
use ckwh::exchange::credentials::{Blanks, Credentials};
use ckwh::judge::Judge;
use ckwh::message::{Headers, Message};
use ckwh::provider::{Places, Registry};
use ckwh::receiver::{self, Receiver};
use ckwh::replay::{Config, Plan, Replay, ReplayError, ReplayOptions, ReplayOutcome};
use ckwh::send::{self, Composer, Parcel, Payload, SendError, SendOptions, Sender, new_secret};
use ckwh::sign::Keys;
use ckwh::store::{Selection, Store, Writer, wait};
use tokio::runtime::Runtime;

const PROVIDER: &str = "stripe";

/// Notes the capture that each delivery repeats, and breaks at the nth.
#[derive(Default)]
struct Seen {
    captures: Vec<Option<i64>>,
    break_at: Option<usize>,
}

impl Observer for Seen {
    fn event(&mut self, event: Event<'_>) -> ControlFlow<()> {
        if let Event::Delivered(delivered) = event {
            assert!(delivered.is_ok(), "{:?}", delivered.unmet);
            self.captures.push(delivered.origin.capture);
        }
        match self.break_at == Some(self.captures.len()) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Keeps what a receiver catches.
#[derive(Debug, Default)]
struct Caught(Mutex<Vec<Message>>);

impl receiver::Observer for Caught {
    fn event(&self, event: receiver::Event) {
        if let receiver::Event::Caught(capture) = event {
            self.0.lock().unwrap().push(capture.recorded.message.clone());
        }
    }
}

/// A receiver on this machine, and a runtime for it.
struct Server {
    runtime: Runtime,
    receiver: Receiver,
    caught: Arc<Caught>,
}

impl Server {
    fn start(writer: Option<&Writer>) -> Self {
        let runtime = Runtime::new().unwrap();
        let caught = Arc::new(Caught::default());
        let config = receiver::Config {
            observer: Some(caught.clone()),
            store: writer.map(Writer::handle),
            ..receiver::Config::default()
        };
        let address = [([127, 0, 0, 1], 0).into()];
        let receiver = runtime.block_on(Receiver::start(&address, config)).unwrap();
        Self {
            runtime,
            receiver,
            caught,
        }
    }

    fn target(&self) -> String {
        format!("{}/hooks", self.receiver.addresses()[0])
    }

    fn stop(self) -> Vec<Message> {
        self.runtime.block_on(self.receiver.stop());
        self.caught.0.lock().unwrap().clone()
    }
}

fn client_options() -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_secs(10),
        ..ClientOptions::default()
    }
}

fn send(server: &Server, count: u32, seen: &mut Seen) -> Result<RunOutcome, SendError> {
    let provider = Registry::new(&Places::default()).provider(PROVIDER, None).unwrap();
    let sender = Sender {
        secrets: vec![new_secret(&provider.scheme, None, [7; 32]).unwrap()],
        composer: Composer {
            provider,
            payload: Payload::Body {
                body: br#"{"id":"evt_1"}"#.to_vec().into(),
                event_type: None,
            },
            style: None,
            as_is: false,
            id: None,
            clock: Clock::System,
        },
        headers: Headers::default(),
        public_url: None,
        fault: None,
    };
    let endpoint = Endpoint::parse(&server.target(), "/").unwrap();
    let parcel = Parcel {
        first: sender.message(&endpoint)?,
        sender: &sender,
        endpoint: &endpoint,
        client: Client::new(&endpoint, &client_options()).unwrap(),
    };
    let options = SendOptions {
        count,
        pace: PaceOptions::default(),
        expectation: Expectation::default(),
        fail_fast: false,
    };
    let sent = send::deliver(vec![parcel], options, seen, future::pending());
    server.runtime.block_on(sent)
}

/// A plan of everything in the store, with the signatures as they were captured.
fn plan(target: String) -> Plan {
    Plan {
        target,
        selection: Selection::default(),
        failed: false,
        filter: None,
        from: None,
        keep_signature: true,
        fresh_id: false,
        edits: Vec::new(),
        public_url: None,
        with_credentials: false,
        pace: PaceOptions::default(),
        speed: None,
        file_order: false,
        host: None,
        preserve_host: false,
        ordered_by: None,
        times: 1,
    }
}

fn replay(store: &Path, target: String, resume: bool, seen: &mut Seen) -> Result<ReplayOutcome, ReplayError> {
    let store = wait(Store::open(store))?;
    let resumed = match wait(store.run(None))?.filter(|_| resume) {
        Some(run) => {
            let claim = wait(store.claim_run(run.id))?;
            Some((run, claim))
        }
        None => None,
    };
    let recogniser = Registry::new(&Places::default()).recogniser(None).unwrap();
    let keys = recogniser.providers().iter().map(|provider| {
        let secret = new_secret(&provider.scheme, None, [7; 32]).map_err(|error| error.to_string())?;
        Keys::new(&provider.scheme, &[secret]).map_err(|error| error.to_string())
    });
    let replay = Replay::new(Config {
        store,
        plan: plan(target),
        resumed,
        keys: keys.collect(),
        judge: Judge {
            is_named: false,
            fallback: None,
            last_resort: None,
            secrets: HashMap::new(),
            tolerance: None,
            public_url: None,
            recogniser,
        },
        credentials: Credentials::default(),
        blanks: Blanks::default(),
        start_filter: |_| unreachable!("the plan has no filter"),
    })?;
    let options = ReplayOptions {
        client: client_options(),
        timeout: None,
        pace: PaceOptions::default(),
        expectation: Expectation::default(),
        fail_fast: false,
    };
    replay.begin()?.start(&options)?.deliver(seen, future::pending())
}

#[test]
fn what_is_sent_and_caught_is_replayed_and_a_run_that_broke_off_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("captures.db");
    let writer = wait(wait(Store::open(&path)).unwrap().writer(|_| {})).unwrap();
    let first = Server::start(Some(&writer));
    let mut seen = Seen::default();
    let outcome = send(&first, 3, &mut seen).unwrap();
    assert_eq!((outcome.tally.ok, outcome.not_sent()), (3, Some(0)));
    assert_eq!(seen.captures, [None; 3]);
    let sent = first.stop();
    drop(writer);

    let second = Server::start(None);
    let mut seen = Seen {
        break_at: Some(1),
        ..Seen::default()
    };
    let broken = replay(&path, second.target(), false, &mut seen);
    assert!(
        matches!(broken, Err(ReplayError::Run(RunError::Observer))),
        "{broken:?}"
    );
    let mut rest = Seen::default();
    let outcome = replay(&path, second.target(), true, &mut rest).unwrap();
    assert_eq!(outcome.deliveries.tally.ok, 2);
    assert_eq!([seen.captures, rest.captures].concat(), [Some(1), Some(2), Some(3)]);
    assert_eq!(
        wait(wait(Store::open(&path)).unwrap().run(None)).unwrap(),
        None,
        "no run is left"
    );

    let header = "stripe-signature";
    let signed = |messages: &[Message]| -> Vec<_> {
        let texts = messages
            .iter()
            .map(|message| message.headers.text(header).map(str::to_owned));
        texts.collect()
    };
    let replayed = second.stop();
    assert!(signed(&sent).iter().all(Option::is_some));
    assert_eq!(signed(&sent), signed(&replayed));
}

#[test]
fn an_observer_that_breaks_ends_the_deliveries() {
    let server = Server::start(None);
    let mut seen = Seen {
        break_at: Some(2),
        ..Seen::default()
    };
    let sent = send(&server, 9, &mut seen);
    assert!(matches!(sent, Err(SendError::Run(RunError::Observer))), "{sent:?}");
    assert_eq!(server.stop().len(), 2);
}
