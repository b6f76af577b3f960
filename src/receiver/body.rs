//! The body of an answer as it leaves: one of our own, or a receiver's, piece by piece as it comes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use futures_util::{Stream, stream};
use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::capture::Excerpt;
use crate::delivery::{Answer, Failure};

/// What is known of the exchanges on one connection.
#[derive(Debug, Default)]
pub struct Marks {
    /// How many requests were taken.
    pub taken: AtomicU64,
    /// How many of them were answered, to the end of the answer's body.
    pub answered: AtomicU64,
    /// Whether a request was answered that was not read to its end.
    pub is_cut_off: AtomicBool,
    /// Whether an answer broke off whose sender would take what came of it for all of it.
    pub is_torn: AtomicBool,
    /// Whether something waits to be written.
    pub unwritten: Arc<AtomicBool>,
}

/// The body of one answer.
pub struct AnswerBody {
    body: Kind,
    /// Whose connection it leaves on.
    marks: Option<Arc<Marks>>,
}

enum Kind {
    Own(Bytes),
    Passed(Passed),
}

/// Pieces of a body, each with how long it took to come.
type Pieces = Pin<Box<dyn Stream<Item = Result<(Bytes, Duration), Failure>> + Send>>;

/// A receiver's body, and who is told when it ended.
pub struct Passed {
    pieces: Pieces,
    /// How much is left, where that is known.
    left: Option<u64>,
    /// Whether all of it came.
    is_whole: bool,
    /// Whether the sender knows the end of a body by the end of the connection alone.
    ends_with_connection: bool,
    excerpt: Excerpt,
    duration: Duration,
    /// Why the rest does not come, until what came of it has left.
    failure: Option<Failure>,
    ended: Option<Box<dyn FnOnce(AnswerEnd) + Send>>,
}

/// How the passing on of an answer ended.
#[derive(Debug)]
pub struct AnswerEnd {
    /// What is kept of it.
    pub excerpt: Excerpt,
    /// How long the receiver took.
    pub duration: Duration,
    /// Why it is not whole, where that is the receiver's doing.
    pub failure: Option<Failure>,
}

impl std::fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnswerBody").finish_non_exhaustive()
    }
}

impl Passed {
    /// Passes `answer` on, whose head came after `duration`; `ended` is told at its end, whatever that is.
    pub fn new(
        answer: Answer,
        excerpt: Excerpt,
        ends_with_connection: bool,
        duration: Duration,
        ended: impl FnOnce(AnswerEnd) + Send + 'static,
    ) -> Self {
        let left = answer.length();
        let pieces = stream::unfold(Some((answer, left)), |state| async {
            let (mut answer, left) = state?;
            let begun = Instant::now();
            let piece = match answer.piece().await {
                Ok(piece) => piece?,
                Err(failure) => return Some((Err(failure), None)),
            };
            let left = left.map(|left| left.saturating_sub(piece.len() as u64));
            if left == Some(0) {
                // Nobody asks for more: the connection is given back here.
                let _ = answer.piece().await;
            }
            Some((Ok((piece, begun.elapsed())), Some((answer, left))))
        });
        Self {
            pieces: Box::pin(pieces),
            left,
            is_whole: left == Some(0),
            ends_with_connection: ends_with_connection && left.is_none(),
            excerpt,
            duration,
            failure: None,
            ended: Some(Box::new(ended)),
        }
    }

    fn end(&mut self, failure: Option<Failure>) {
        if let Some(ended) = self.ended.take() {
            // What its sender did not wait for is not there.
            self.excerpt.truncated |= !self.is_whole;
            let excerpt = Excerpt::new(self.excerpt.status, Default::default());
            ended(AnswerEnd {
                excerpt: std::mem::replace(&mut self.excerpt, excerpt),
                duration: self.duration,
                failure,
            });
        }
    }

    /// A failure ends the connection with whatever was not written before, so that is written first.
    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        unwritten: Option<&AtomicBool>,
    ) -> Poll<Option<Result<Bytes, Failure>>> {
        if let Some(failure) = &self.failure {
            // Once it can be written, this is asked again.
            return match unwritten.is_some_and(|unwritten| unwritten.load(Ordering::Relaxed)) {
                true => Poll::Pending,
                false => Poll::Ready(Some(Err(failure.clone()))),
            };
        }
        Poll::Ready(match ready!(self.pieces.as_mut().poll_next(context)) {
            Some(Ok((piece, took))) => {
                self.duration += took;
                self.excerpt.take(&piece);
                self.left = self.left.map(|left| left.saturating_sub(piece.len() as u64));
                self.is_whole = self.left == Some(0);
                Some(Ok(piece))
            }
            Some(Err(failure)) => {
                self.end(Some(failure.clone()));
                self.failure = Some(failure);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            None => {
                self.is_whole = true;
                self.end(None);
                None
            }
        })
    }
}

impl AnswerBody {
    pub fn own(bytes: Bytes) -> Self {
        Self {
            body: Kind::Own(bytes),
            marks: None,
        }
    }

    pub fn passed(passed: Passed) -> Self {
        Self {
            body: Kind::Passed(passed),
            marks: None,
        }
    }

    /// The same, on the connection of `marks`.
    pub fn on(mut self, marks: Arc<Marks>) -> Self {
        self.marks = Some(marks);
        self
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let Self { body, marks } = &mut *self;
        match body {
            Kind::Own(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Own(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Passed(passed) => {
                let unwritten = marks.as_ref().map(|marks| &*marks.unwritten);
                let piece = ready!(passed.poll_piece(context, unwritten));
                if let (Some(Err(_)), Some(marks), true) = (&piece, marks, passed.ends_with_connection) {
                    marks.is_torn.store(true, Ordering::Relaxed);
                }
                let piece = piece.map(|piece| piece.map(Frame::data));
                Poll::Ready(piece.map(|piece| piece.map_err(|failure| std::io::Error::other(failure.message))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Kind::Own(bytes) => bytes.is_empty(),
            Kind::Passed(passed) => passed.left == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Kind::Own(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Passed(passed) => passed.left.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        if let Kind::Passed(passed) = &mut self.body {
            passed.end(None);
        }
        if let Some(marks) = &self.marks {
            marks.answered.fetch_add(1, Ordering::Relaxed);
        }
    }
}
