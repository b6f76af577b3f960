//! Works on several jobs at a time, on one thread.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures_util::stream::FuturesUnordered;
use futures_util::{Stream, StreamExt as _};

/// Does `work` on every job, on `most` of them at a time. A worker that is done takes the next job at once, so that the
/// next request does not wait for answers that are behind. The first error ends it.
pub async fn each<J, E>(
    jobs: impl Stream<Item = J>,
    most: usize,
    work: impl AsyncFn(J) -> Result<(), E>,
) -> Result<(), E> {
    let jobs = pin!(jobs.fuse());
    let jobs = RefCell::new(jobs);
    // A stream wakes only the task that polled it last, so at most one worker waits for a job.
    let is_awaited = Cell::new(false);
    let has_ended = Cell::new(false);
    let worker = async || {
        while !is_awaited.replace(true) {
            let job = poll_fn(|context| jobs.borrow_mut().as_mut().poll_next(context)).await;
            is_awaited.set(false);
            let Some(job) = job else {
                has_ended.set(true);
                break;
            };
            work(job).await?;
        }
        Ok(())
    };
    let mut workers = FuturesUnordered::new();
    poll_fn(|context| {
        loop {
            let is_short =
                |workers: &FuturesUnordered<_>| !is_awaited.get() && !has_ended.get() && workers.len() < most;
            if is_short(&workers) {
                workers.push(worker());
            }
            match workers.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(()))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Pending if is_short(&workers) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream;
    use tokio::sync::mpsc;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_as_wanted_are_at_work_and_no_more() {
        for most in [1, 3, 100] {
            let (busy, highest, done) = (Cell::new(0), Cell::new(0), RefCell::new(Vec::new()));
            let worked = each(stream::iter(0..20), most, async |job| {
                busy.set(busy.get() + 1);
                highest.set(highest.get().max(busy.get()));
                sleep(Duration::from_millis(10)).await;
                busy.set(busy.get() - 1);
                done.borrow_mut().push(job);
                Ok::<_, ()>(())
            });
            assert_eq!(worked.await, Ok(()));
            assert_eq!(highest.get(), most.min(20));
            assert_eq!(done.into_inner(), Vec::from_iter(0..20));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn jobs_that_come_late_are_done_side_by_side_too() {
        let (sender, receiver) = mpsc::channel(1);
        let jobs = stream::unfold(receiver, |mut receiver: mpsc::Receiver<()>| async {
            receiver.recv().await.map(|job| (job, receiver))
        });
        let feed = async move {
            for _ in 0..2 {
                sleep(Duration::from_secs(60)).await;
                for _ in 0..4 {
                    sender.send(()).await.unwrap();
                }
            }
        };
        let began = tokio::time::Instant::now();
        let work = each(jobs, 4, async |()| {
            sleep(Duration::from_secs(1)).await;
            Ok::<_, ()>(())
        });
        assert_eq!(tokio::join!(work, feed), (Ok(()), ()));
        assert_eq!(began.elapsed(), Duration::from_secs(121));
    }

    #[tokio::test]
    async fn the_first_error_ends_it() {
        let seen = RefCell::new(Vec::new());
        let worked = each(stream::iter(0..9), 1, async |job| {
            seen.borrow_mut().push(job);
            if job == 3 { Err("three") } else { Ok(()) }
        });
        assert_eq!(worked.await, Err("three"));
        assert_eq!(seen.into_inner(), [0, 1, 2, 3]);
    }
}
