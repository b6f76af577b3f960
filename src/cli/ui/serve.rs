//! The server: what is asked, who asks, and where that leads.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use axum::{RequestExt as _, Router};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use maud::Markup;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::guard::{self, Access};
use super::{Inspector, data, job, pages, view};
use crate::cli::exit::Failure;

/// The longest body that is asked with, in bytes.
const LONGEST: usize = 1024 * 1024;
/// How many connections there may be at once.
const CONNECTIONS: usize = 128;
/// The largest head, in bytes.
const HEAD: usize = 16 * 1024;
const HEAD_TIME: Duration = Duration::from_secs(10);
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long it is waited where no connection can be taken.
const PAUSE: Duration = Duration::from_millis(100);

const ICON: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='#2f5fd0'/><path d='M4 8.5 7 11.5 12 5' fill='none' stroke='#fff' stroke-width='2'/></svg>";
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// Ports of both loopback addresses; where the system has no IPv6, of one.
pub struct Listeners {
    pub port: u16,
    all: Vec<TcpListener>,
}

impl Listeners {
    /// The port is taken on both addresses, or on none.
    pub async fn bind(port: u16) -> io::Result<Self> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = first.local_addr()?.port();
        let mut all = vec![first];
        match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(second) => all.push(second),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => {}
        }
        Ok(Self { port, all })
    }

    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.all
            .iter()
            .filter_map(|listener| listener.local_addr().ok())
            .collect()
    }
}

/// One request, as far as it was let in.
pub struct Call {
    /// What stands in the path's places, in order.
    pub places: Vec<String>,
    query: Vec<(String, String)>,
    /// What it is asked with; `null` where there is nothing.
    pub given: Value,
    /// The part of the page that is asked for, where it is not the whole.
    pub part: Option<String>,
}

impl Call {
    /// A value of the query; nothing where it is empty.
    pub fn asked(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The number in the path's first place.
    pub fn number(&self) -> Result<i64, Refusal> {
        let text = self.places.first().map(String::as_str).unwrap_or_default();
        text.parse().map_err(|_| Refusal::missing("there is no such page"))
    }

    /// A text of what it is asked with; nothing where it is empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.given[name].as_str().filter(|text| !text.is_empty())
    }

    pub fn is_on(&self, name: &str) -> bool {
        self.given[name].as_bool() == Some(true)
    }

    pub fn texts(&self, name: &str) -> Vec<String> {
        let all = self.given[name].as_array().into_iter().flatten();
        all.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }
}

/// What is answered.
pub enum Answer {
    Page(Markup),
    Json(Value),
    /// Server-sent events.
    Stream(Body),
    Done(Response<Body>),
}

/// Why something is not answered.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub text: String,
    /// A question, to which the same with `confirmed` says yes.
    pub asks: bool,
}

impl Refusal {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            text: text.into(),
            asks: false,
        }
    }

    pub fn missing(text: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, text)
    }

    pub fn wrong(text: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, text)
    }

    pub fn question(text: impl Into<String>) -> Self {
        Self {
            asks: true,
            ..Self::new(StatusCode::CONFLICT, text)
        }
    }
}

impl From<ckwh::store::StoreError> for Refusal {
    fn from(error: ckwh::store::StoreError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Usage(_) => Self::wrong(failure.to_string()),
            _ => Self::new(StatusCode::SERVICE_UNAVAILABLE, failure.to_string()),
        }
    }
}

/// What a request needs to get an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A page that reads what is masked: the cookie will do.
    Page,
    /// The token.
    Own,
}

/// What the page has at which address.
fn routes(ui: &Arc<Inspector>) -> Router {
    let page = |run| on(ui, Kind::Page, run, get);
    let read = |run| on(ui, Kind::Own, run, get);
    let change = |run| on(ui, Kind::Own, run, post);
    Router::new()
        .route("/", page(Run::of(pages::captures)))
        .route("/captures/{id}", page(Run::of(pages::capture)))
        .route("/captures/{id}/body", page(Run::of(pages::body)))
        .route("/captures/{id}/explanation", {
            let ask = on(ui, Kind::Own, Run::of(pages::explanation), post);
            page(Run::of(pages::explanation)).merge(ask)
        })
        .route("/rows", page(Run::of(pages::rows)))
        .route("/compare", page(Run::of(pages::compare)))
        .route("/send", page(Run::of(pages::send)))
        .route("/replay", page(Run::of(pages::replay)))
        .route("/check", page(Run::of(pages::check)))
        .route("/runs", page(Run::of(pages::runs)))
        .route("/runs/{id}", page(Run::of(pages::run)))
        .route("/captures/{id}/reveal", change(Run::of(pages::reveal)))
        .route("/session", change(Run::of(session)))
        .route("/jobs/{id}", page(Run::of(pages::job)))
        .route("/jobs", change(Run::of(job::begin)))
        .route("/jobs/{id}/stop", change(Run::of(job::stop)))
        .route("/api/captures", read(Run::of(data::captures)))
        .route("/api/captures/{id}", read(Run::of(data::capture)))
        .route("/api/captures/{id}/verdict", read(Run::of(data::verdict)))
        .route("/api/captures/{id}/export", read(Run::of(data::export)))
        .route("/api/compare", read(Run::of(data::compare)))
        .route("/api/event-types", read(Run::of(data::event_types)))
        .route("/api/runs", read(Run::of(data::runs)))
        .route("/api/runs/{id}", read(Run::of(data::run)))
        .route("/api/jobs/{id}", read(Run::of(data::job)))
        .route("/api/live", read(Run::of(data::live)))
        .route("/icon.svg", get(async || file(ICON, "image/svg+xml")))
        .route("/style.css", get(async || file(STYLE, "text/css; charset=utf-8")))
        .route("/page.js", get(async || file(SCRIPT, "text/javascript; charset=utf-8")))
        .fallback({
            let ui = ui.clone();
            async move |request: Request| {
                let access = ui.guard.access(request.headers());
                refused(&ui, access, false, &Refusal::missing("there is no such page"))
            }
        })
}

type Answering = std::pin::Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + Send>>;

/// What answers one address. Boxed, so that the way to it is compiled once.
#[derive(Clone)]
struct Run(Arc<dyn Fn(Arc<Inspector>, Call) -> Answering + Send + Sync>);

impl Run {
    fn of<F>(run: fn(Arc<Inspector>, Call) -> F) -> Self
    where
        F: Future<Output = Result<Answer, Refusal>> + Send + 'static,
    {
        Self(Arc::new(move |ui, call| Box::pin(run(ui, call))))
    }
}

fn on(ui: &Arc<Inspector>, kind: Kind, run: Run, method: fn(HandlerOf) -> MethodRouter) -> MethodRouter {
    let ui = ui.clone();
    let handler: HandlerOf = Handler(Arc::new(move |request| {
        let (ui, run) = (ui.clone(), run.clone());
        Box::pin(async move { answer(ui, kind, run, request).await })
    }));
    method(handler)
}

type Responding = std::pin::Pin<Box<dyn Future<Output = Response<Body>> + Send>>;
type HandlerOf = Handler;

/// One handler for all addresses.
#[derive(Clone)]
struct Handler(Arc<dyn Fn(Request) -> Responding + Send + Sync>);

impl<S> axum::handler::Handler<(), S> for Handler {
    type Future = Responding;

    fn call(self, request: Request, _: S) -> Responding {
        (self.0)(request)
    }
}

async fn answer(ui: Arc<Inspector>, kind: Kind, run: Run, request: Request) -> Response<Body> {
    let access = ui.guard.access(request.headers());
    let part = request.headers().get("x-ckwh-part");
    let part = part.and_then(|part| part.to_str().ok()).map(str::to_owned);
    let wants_json = kind == Kind::Own || request.method() != Method::GET;
    let is_in = match kind {
        Kind::Page => access >= Access::Reader,
        Kind::Own => access == Access::Owner,
    };
    if !is_in {
        let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "the token is missing or old");
        return refused(&ui, access, wants_json, &refusal);
    }
    let call = match Call::read(request, part.clone()).await {
        Ok(call) => call,
        Err(refusal) => return refused(&ui, access, wants_json, &refusal),
    };
    match (run.0)(ui.clone(), call).await {
        Ok(Answer::Page(markup)) => html(StatusCode::OK, markup),
        Ok(Answer::Json(value)) => json(StatusCode::OK, &value),
        Ok(Answer::Stream(body)) => with_type(StatusCode::OK, "text/event-stream", body),
        Ok(Answer::Done(response)) => response,
        Err(refusal) => refused(&ui, access, wants_json || part.is_some(), &refusal),
    }
}

impl Call {
    async fn read(mut request: Request, part: Option<String>) -> Result<Self, Refusal> {
        let places = match request.extract_parts::<RawPathParams>().await {
            Ok(places) => places.iter().map(|(_, text)| text.to_owned()).collect(),
            Err(_) => Vec::new(),
        };
        let query = request.uri().query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let body = Limited::new(request.into_body(), LONGEST).collect();
        let body = timeout(BODY_TIME, body).await.ok().and_then(Result::ok);
        let body: Bytes = body
            .ok_or_else(|| Refusal::wrong("that is too long, or too slow"))?
            .to_bytes();
        let given = match body.is_empty() {
            true => Value::Null,
            false if !is_json => return Err(Refusal::wrong("this takes application/json")),
            false => serde_json::from_slice(&body).map_err(|error| Refusal::wrong(error.to_string()))?,
        };
        Ok(Self {
            places,
            query,
            given,
            part,
        })
    }
}

/// Gives the browser of who knows the token the cookie.
async fn session(ui: Arc<Inspector>, _: Call) -> Result<Answer, Refusal> {
    let mut response = json(StatusCode::OK, &Value::Bool(true));
    if let Ok(cookie) = HeaderValue::from_str(&ui.guard.set_cookie()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(Answer::Done(response))
}

fn refused(ui: &Inspector, access: Access, wants_json: bool, refusal: &Refusal) -> Response<Body> {
    if wants_json {
        let kind = if refusal.asks { "question" } else { "error" };
        return json(
            refusal.status,
            &serde_json::json!({ "type": kind, "message": refusal.text }),
        );
    }
    let markup = match access {
        Access::Stranger => view::page::sign_in(),
        _ => view::page::problem(ui, &refusal.text),
    };
    html(refusal.status, markup)
}

fn html(status: StatusCode, markup: Markup) -> Response<Body> {
    with_type(status, "text/html; charset=utf-8", markup.into_string().into())
}

fn json(status: StatusCode, value: &Value) -> Response<Body> {
    let text = crate::cli::report::escaped_json(&value.to_string());
    with_type(status, "application/json", text.into())
}

fn file(text: &'static str, kind: &'static str) -> Response<Body> {
    with_type(StatusCode::OK, kind, text.into())
}

fn with_type(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Answers until it is dropped.
pub async fn serve(ui: Arc<Inspector>, listeners: Listeners) {
    let router = TowerToHyperService::new(routes(&ui));
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let accepting = listeners.all.into_iter().map(|listener| {
        let (ui, router, connections) = (ui.clone(), router.clone(), connections.clone());
        tokio::spawn(async move { accept(listener, ui, router, connections).await })
    });
    for accepting in accepting.collect::<Vec<_>>() {
        let _ = accepting.await;
    }
}

async fn accept(
    listener: TcpListener,
    ui: Arc<Inspector>,
    router: TowerToHyperService<Router>,
    connections: Arc<Semaphore>,
) {
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (ui, router) = (ui.clone(), router.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let (head, body) = request.into_parts();
                let refusal = ui.guard.refusal(&head);
                let answer = refusal
                    .is_none()
                    .then(|| router.call(Request::from_parts(head, Body::new(body))));
                async move {
                    let response = match (answer, refusal) {
                        (Some(answer), _) => answer.await.unwrap_or_else(|never| match never {}),
                        (None, refusal) => {
                            let (status, text) = refusal.unwrap_or((StatusCode::FORBIDDEN, ""));
                            with_type(status, "text/plain; charset=utf-8", text.into())
                        }
                    };
                    Ok::<_, std::convert::Infallible>(guard::close(response))
                }
            });
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .max_buf_size(HEAD)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
