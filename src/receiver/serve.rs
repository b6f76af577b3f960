//! One connection: requests and their answers, and next to nothing between them.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::CONNECTION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Interval, interval_at, timeout};

use super::body::{AnswerBody, Marks};
use super::socket::Socket;
use super::{Event, Shared, limits, ordered};

/// How an exchange of requests and answers came to its end.
enum ConnectionEnd {
    /// Everything was answered, and the connection is to be closed.
    Over(TcpStream),
    /// The connection is to be closed with more of a request on its way.
    Broken(TcpStream),
    /// An answer broke off, and the connection's end would be taken for its own.
    Torn(TcpStream),
    /// Nothing is on its way, and has not been for a while. With what came of the next request.
    Quiet(TcpStream, Bytes),
}

/// Answers requests until the connection ends or is to end.
pub async fn connection(
    mut stream: TcpStream,
    peer: SocketAddr,
    _permit: OwnedSemaphorePermit,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let limits = shared.config.limits;
    let mut begun = Bytes::new();
    let mut patience = limits.head_time;
    loop {
        if begun.is_empty() {
            begun = first(&stream, patience, &mut stopped).await;
        }
        if begun.is_empty() {
            return;
        }
        // Boxed, so that a connection that waits gives the memory back.
        match Box::pin(serve(stream, begun, peer, &shared, &mut stopped)).await {
            ConnectionEnd::Quiet(idle, next) => (stream, begun) = (idle, next),
            ConnectionEnd::Torn(torn) => return reset(&torn),
            ConnectionEnd::Over(ended) if has_nothing(&ended) => return,
            ConnectionEnd::Over(ended) | ConnectionEnd::Broken(ended) => return drain(ended, limits.drained()).await,
        }
        patience = limits.idle_time;
    }
}

/// The first bytes that come before the time is over and the receiver is to stop; none where nothing does. Until then a
/// connection holds no memory for them.
async fn first(stream: &TcpStream, patience: Duration, stopped: &mut watch::Receiver<bool>) -> Bytes {
    let read = async {
        loop {
            stream.readable().await.ok()?;
            let mut bytes = Vec::with_capacity(limits::FIRST_READ);
            match stream.try_read_buf(&mut bytes) {
                Ok(_) => return Some(Bytes::from(bytes)),
                // A socket that is said to be readable may have nothing yet.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
        }
    };
    let read = tokio::select! {
        read = timeout(patience, read) => read.ok().flatten(),
        () = ordered(stopped) => None,
    };
    read.unwrap_or_default()
}

/// Notices when nothing is on its way for a while.
struct Quiet {
    pause: Duration,
    ticks: Option<Interval>,
    /// How many requests were answered at the last tick.
    answered: u64,
}

impl Quiet {
    /// Ready where no more was answered between two ticks. `is_idle` gives how many were, where nothing is on its way.
    fn poll(&mut self, context: &mut Context<'_>, is_idle: impl Fn() -> Option<u64>) -> Poll<()> {
        while let Some(answered) = is_idle() {
            let pause = self.pause;
            let ticks = self
                .ticks
                .get_or_insert_with(|| interval_at(Instant::now() + pause, pause));
            if ticks.poll_tick(context).is_pending() {
                break;
            }
            if answered == self.answered {
                return Poll::Ready(());
            }
            self.answered = answered;
        }
        Poll::Pending
    }
}

async fn serve(
    stream: TcpStream,
    begun: Bytes,
    peer: SocketAddr,
    shared: &Arc<Shared>,
    stopped: &mut watch::Receiver<bool>,
) -> ConnectionEnd {
    let limits = shared.config.limits;
    let (socket, unwritten) = Socket::new(stream, begun);
    let marks = Arc::new(Marks {
        unwritten,
        ..Marks::default()
    });
    let service = service_fn(|request| {
        let marks = marks.clone();
        marks.taken.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let response = shared.answer(request, peer).await;
            let is_cut_off = response.headers().contains_key(CONNECTION);
            marks.is_cut_off.fetch_or(is_cut_off, Ordering::Relaxed);
            Ok::<_, Infallible>(response.map(|body: AnswerBody| body.on(marks)))
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_buf_size(limits::HEAD)
        // A sender that ends its side early still gets its answer, and its request is not abandoned half way.
        .half_close(true)
        .serve_connection(socket, service);

    let is_idle = || {
        let answered = marks.answered.load(Ordering::Relaxed);
        let idle = answered == marks.taken.load(Ordering::Relaxed) && !marks.unwritten.load(Ordering::Relaxed);
        (idle && answered > 0).then_some(answered)
    };
    // Twice that is less than a head may take, or a quiet connection would be taken for a slow head.
    let pause = limits::QUIET.min(limits.head_time / 3);
    let mut quiet = Quiet {
        pause,
        ticks: None,
        answered: 0,
    };
    let mut is_stopped = false;
    let ended = loop {
        let done = poll_fn(|context| {
            if let Poll::Ready(ended) = connection.poll_without_shutdown(context) {
                return Poll::Ready(Some(ended));
            }
            quiet.poll(context, is_idle).map(|()| None)
        });
        tokio::select! {
            done = done => break done,
            () = ordered(stopped), if !is_stopped => {
                is_stopped = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let parts = connection.into_parts();
    let stream = parts.io.into_inner();
    match ended {
        None => return ConnectionEnd::Quiet(stream, parts.read_buf),
        Some(Err(error)) if error.is_parse() || error.is_parse_too_large() => shared.tell(Event::Refused {
            peer,
            status: error.is_parse_too_large().then_some(431),
            problem: format!("its head is not HTTP: {error}"),
        }),
        Some(Err(_)) if marks.is_torn.load(Ordering::Relaxed) => return ConnectionEnd::Torn(stream),
        Some(Ok(())) if !marks.is_cut_off.load(Ordering::Relaxed) => return ConnectionEnd::Over(stream),
        Some(_) => {}
    }
    ConnectionEnd::Broken(stream)
}

/// Has the connection end in a way that is no end of an answer, once it is dropped.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

/// Whether nothing more came.
fn has_nothing(stream: &TcpStream) -> bool {
    !matches!(stream.try_read(&mut [0]), Ok(1..))
}

/// Without it the system would reset the connection, and the sender might lose its answer.
async fn drain(mut stream: TcpStream, most: usize) {
    let reading = async {
        let _ = stream.shutdown().await;
        let mut buffer = vec![0; 16 * 1024];
        let mut drained = 0;
        while drained < most {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => drained += read,
            }
        }
    };
    let _ = timeout(limits::DRAIN_TIME, reading).await;
}
