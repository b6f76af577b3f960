//! The inspector: a page that shows what arrived and why it is wrong, for a browser on this machine. It runs the
//! program's commands and shows their results; it has no logic of its own.

mod data;
mod feed;
mod guard;
mod job;
mod pages;
mod select;
mod serve;
mod view;
mod work;

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, anyhow};
use ckwh::capture::Capture;
use ckwh::exchange::credentials::Credentials;
use ckwh::receiver::{Event, Observer};
use ckwh::store::Store;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, oneshot};

use super::app::App;
use super::args::{ListenArgs, ProviderArgs, SecretArg, SecretArgs, StoreArgs, UiArgs};
use super::exit::{Failure, OrUnavailable as _, Status};
use super::report::{Item, ReadyItem};
use super::runtime;
use feed::Feed;
use guard::Guard;
use job::Jobs;
use serve::{Listeners, Refusal};

const PORT: u16 = 7789;

/// What the page is served from.
pub struct Inspector {
    guard: Guard,
    store: Store,
    credentials: Credentials,
    given: Given,
    feed: Feed,
    jobs: Jobs,
    events: work::Events,
}

/// What was typed when it began, which counts for every command that it runs.
#[derive(Debug, Default)]
struct Given {
    /// The store's flag.
    store: Vec<String>,
    /// The flags of secrets.
    secrets: Vec<String>,
    /// Who judges, and by which URL.
    judging: Vec<String>,
    /// Where it is proposed to send to.
    target: Option<String>,
    /// Where requests are caught, where this process does.
    catching: Option<String>,
    /// What is woken then.
    wake: Arc<Notify>,
}

impl Given {
    fn new(store: &StoreArgs, secrets: &SecretArgs) -> Result<Self, Failure> {
        let text = |path: &std::path::Path| {
            let text = path.to_str().map(str::to_owned);
            text.ok_or_else(|| Failure::usage(format!("the path {} is not UTF-8", path.display())))
        };
        let mut place = Vec::new();
        if let Some(path) = &store.store {
            place.push(format!("--store={}", text(path)?));
        }
        if let Some(schema) = &store.store_schema {
            place.push(format!("--store-schema={schema}"));
        }
        if let Some(path) = &store.store_password_file {
            place.push(format!("--store-password-file={}", text(path)?));
        }
        let mut flags = Vec::new();
        for secret in &secrets.0 {
            flags.push(match secret {
                // What was read from standard input can't be read again.
                SecretArg::File(path) if path.as_os_str() == "-" => continue,
                SecretArg::File(path) => format!("--secret-file={}", text(path)?),
                SecretArg::EnvFile(path) => format!("--env-file={}", text(path)?),
                SecretArg::Variable(name) => format!("--secret-env={name}"),
                SecretArg::Value(value) => format!("--secret={value}"),
                SecretArg::Given(name, value) => format!("--given={name}={value}"),
            });
        }
        Ok(Self {
            store: place,
            secrets: flags,
            ..Self::default()
        })
    }

    fn judged_by(self, provider: &ProviderArgs) -> Self {
        let flags = [
            ("--provider", &provider.provider),
            ("--dialect", &provider.dialect),
            ("--public-url", &provider.public_url),
        ];
        let flags = flags
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        Self {
            judging: flags.collect(),
            ..self
        }
    }
}

impl Inspector {
    fn new(app: &mut App, store: &StoreArgs, given: Given, port: u16) -> Result<Arc<Self>, Failure> {
        let own = app.settings.to.iter().find(|set| !set.of_project);
        let target = given.target.clone().or_else(|| own.map(|set| set.text.clone()));
        Ok(Arc::new(Self {
            guard: Guard::new(port),
            store: app.store(store)?,
            credentials: app.settings.credentials.clone(),
            feed: Feed::new(given.wake.clone()),
            given: Given { target, ..given },
            jobs: Jobs::default(),
            events: work::Events::default(),
        }))
    }

    /// The capture of that number.
    async fn capture(&self, id: i64) -> Result<Capture, Refusal> {
        self.store.capture(id).await?.ok_or_else(|| no_capture(id))
    }

    /// The number, where there is a capture of it.
    async fn there(&self, id: i64) -> Result<i64, Refusal> {
        let is_there = self.store.numbers(id..=id).await?.contains(id);
        is_there.then_some(id).ok_or_else(|| no_capture(id))
    }

    /// Answers, and tells of what arrives, until it is dropped.
    async fn serve(self: Arc<Self>, listeners: Listeners) {
        tokio::join!(serve::serve(self.clone(), listeners), feed::watch(self));
    }
}

fn no_capture(id: i64) -> Refusal {
    Refusal::missing(format!(
        "There is no capture #{id}: it was removed, or was never there."
    ))
}

/// `ckwh ui`.
pub fn run(app: &mut App, args: &UiArgs) -> Result<Status, Failure> {
    let runtime = runtime::start(&mut Builder::new_current_thread())?;
    let listeners = listeners(app, &runtime, args.port)?;
    let given = Given {
        target: args.to.clone(),
        ..Given::new(&args.store, &args.secrets)?
    };
    let ui = Inspector::new(app, &args.store, given, listeners.port)?;
    app.result(Item::Ready(ReadyItem {
        url: ui.guard.url(),
        addresses: listeners.addresses().iter().map(ToString::to_string).collect(),
        store: ui.store.location().to_string(),
        health: None,
        ui: None,
        about: vec![
            "open it in a browser on this machine; the address holds its key, so show it to nobody".into(),
            format!("shows what is kept in {}; stop with Ctrl-C", ui.store.location()),
        ],
    }))?;
    runtime.block_on(async {
        tokio::select! {
            () = ui.clone().serve(listeners) => Ok(()),
            ended = asked_to_end() => ended.context("signals").or_unavailable(),
        }
    })?;
    ui.jobs.end();
    Ok(Status::Yes)
}

/// Tells one observer of what is caught, and wakes the page.
#[derive(Debug)]
pub struct Watch {
    observer: Arc<dyn Observer>,
    wake: Arc<Notify>,
}

impl Watch {
    pub fn new(observer: Arc<dyn Observer>) -> Self {
        Self {
            observer,
            wake: Arc::default(),
        }
    }

    /// The observer that does it, where there is a page to be.
    pub fn observer(&self, args: &ListenArgs) -> Arc<dyn Observer> {
        match args.ui {
            Some(_) => Arc::new(Self {
                observer: self.observer.clone(),
                wake: self.wake.clone(),
            }),
            None => self.observer.clone(),
        }
    }
}

impl Observer for Watch {
    fn event(&self, event: Event) {
        self.observer.event(event);
        self.wake.notify_one();
    }
}

/// The inspector beside a catch-server, on a thread of its own: it never stands in the way of an answer there.
pub struct Beside {
    pub url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Beside {
    /// Starts it, where it was asked for; requests are caught at `catching`.
    pub fn start(app: &mut App, args: &ListenArgs, catching: &str, watch: Watch) -> Result<Option<Self>, Failure> {
        let Some(port) = args.ui else { return Ok(None) };
        let runtime = runtime::start(&mut Builder::new_current_thread())?;
        let listeners = listeners(app, &runtime, Some(port).filter(|port| *port != PORT))?;
        let given = Given {
            target: args.forward.clone(),
            catching: Some(catching.to_owned()),
            wake: watch.wake,
            ..Given::new(&args.store, &args.secrets)?
        };
        let ui = Inspector::new(app, &args.store, given.judged_by(&args.provider), listeners.port)?;
        let url = ui.guard.url();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new().name("ui".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = ui.clone().serve(listeners) => {}
                    _ = stopped => {}
                }
            });
            ui.jobs.end();
        });
        Ok(Some(Self {
            url,
            stop: Some(stop),
            thread: Some(thread.context("a thread for the page").or_unavailable()?),
        }))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The port that was typed; without one the usual, or a free one where that is taken.
fn listeners(app: &mut App, runtime: &Runtime, typed: Option<u16>) -> Result<Listeners, Failure> {
    let wrong = |port: u16, error: &io::Error| {
        Failure::Unavailable(anyhow!(
            "the page can't be served on port {port}: {error}; 0 picks a free one"
        ))
    };
    match runtime.block_on(Listeners::bind(typed.unwrap_or(PORT))) {
        Ok(listeners) => Ok(listeners),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && typed.is_none() => {
            app.report
                .note(&format!("port {PORT} is taken, so the page is on another"));
            runtime.block_on(Listeners::bind(0)).map_err(|error| wrong(0, &error))
        }
        Err(error) => Err(wrong(typed.unwrap_or(PORT), &error)),
    }
}

/// Ctrl-C and SIGTERM.
#[cfg(unix)]
async fn asked_to_end() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn asked_to_end() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
