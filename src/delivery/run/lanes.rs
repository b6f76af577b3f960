//! Several threads at the same work.

use std::thread;

use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use super::RunError;
use crate::delivery::runtime;

/// Works through all lanes at the same time, the first on this thread and every other on one of its own. The first
/// error ends them, and so does the end of `interrupt`: then it gives `true`.
pub fn all<L: Send, E: From<RunError> + Send>(
    lanes: impl IntoIterator<Item = L>,
    interrupt: impl Future<Output = ()>,
    work: impl AsyncFn(L) -> Result<(), E> + Sync,
) -> Result<bool, E> {
    let mut lanes = lanes.into_iter();
    let (first, work) = (lanes.next(), &work);
    // The other threads end when this is dropped.
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
                .map_err(RunError::Thread)?;
        }
        drop(ended);
        block_on(or_interrupted(interrupt, async move {
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

/// Runs `work` on this thread: connections are few and the work between them is short.
fn block_on<T, E: From<RunError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    runtime::start(&mut Builder::new_current_thread())
        .map_err(RunError::Network)?
        .block_on(work)
}

/// Whether `interrupt` ended before the work was done.
pub async fn or_interrupted<E>(
    interrupt: impl Future<Output = ()>,
    work: impl Future<Output = Result<(), E>>,
) -> Result<bool, E> {
    tokio::select! {
        biased;
        () = interrupt => Ok(true),
        done = work => done.map(|()| false),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::future;
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::sync::Barrier;
    use tokio::time::sleep;

    use super::*;

    #[test]
    fn each_has_a_thread_and_all_work_at_the_same_time() {
        for count in 0..4 {
            let (threads, barrier) = (Mutex::new(HashSet::new()), Barrier::new(count));
            let worked = all::<_, RunError>(0..count, future::pending(), async |_| {
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
            let worked = all(0..3, future::pending(), async |lane| {
                if lane == wrong {
                    return Err(RunError::Observer);
                }
                sleep(Duration::from_hours(1)).await;
                Ok(())
            });
            assert!(worked.is_err(), "{wrong}");
        }
    }
}
