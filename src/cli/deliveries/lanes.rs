//! Several threads at the same work.

use std::thread;

use anyhow::Context as _;
use tokio::sync::{mpsc, watch};

use crate::cli::block_on;
use crate::cli::exit::{Failure, Undone as _};

/// Works through all lanes at the same time, the first on this thread and every other on one of its own. The first
/// error ends them, and so does Ctrl-C: then it gives `true`.
pub fn all<L: Send>(
    lanes: impl IntoIterator<Item = L>,
    work: impl AsyncFn(L) -> Result<(), Failure> + Sync,
) -> Result<bool, Failure> {
    let mut lanes = lanes.into_iter();
    let (first, work) = (lanes.next(), &work);
    // The other threads end when this is gone.
    let (held, release) = watch::channel(());
    let (ended, mut ends) = mpsc::unbounded_channel();
    thread::scope(|scope| {
        let held = held;
        for lane in lanes {
            let (ended, mut release) = (ended.clone(), release.clone());
            let lane = move || {
                let worked = block_on(async {
                    tokio::select! {
                        _ = release.changed() => Ok(()),
                        worked = work(lane) => worked,
                    }
                });
                let _ = ended.send(worked);
            };
            thread::Builder::new()
                .name("lane".into())
                .spawn_scoped(scope, lane)
                .context("a thread")
                .undone()?;
        }
        drop(ended);
        block_on(or_interrupted(async move {
            let _held = held;
            let here = async {
                match first {
                    Some(lane) => work(lane).await,
                    None => Ok(()),
                }
            };
            let others = async {
                while let Some(worked) = ends.recv().await {
                    worked?;
                }
                Ok(())
            };
            tokio::try_join!(here, others).map(drop)
        }))
    })
}

/// Whether Ctrl-C came before the work was done.
pub async fn or_interrupted(work: impl Future<Output = Result<(), Failure>>) -> Result<bool, Failure> {
    tokio::select! {
        biased;
        _ = tokio::signal::ctrl_c() => Ok(true),
        done = work => done.map(|()| false),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::sync::Barrier;
    use tokio::time::sleep;

    use super::*;

    #[test]
    fn each_has_a_thread_and_all_work_at_the_same_time() {
        for count in 0..4 {
            let (threads, barrier) = (Mutex::new(HashSet::new()), Barrier::new(count));
            let worked = all(0..count, async |_| {
                barrier.wait().await;
                threads.lock().unwrap().insert(thread::current().id());
                Ok(())
            });
            assert!(!worked.unwrap());
            assert_eq!(threads.into_inner().unwrap().len(), count);
        }
    }

    #[test]
    fn the_first_error_ends_all() {
        for wrong in 0..3 {
            let worked = all(0..3, async |lane| {
                if lane == wrong {
                    return Err(Failure::usage("this one"));
                }
                sleep(Duration::from_hours(1)).await;
                Ok(())
            });
            assert!(worked.is_err(), "{wrong}");
        }
    }
}
