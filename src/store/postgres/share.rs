//! Leases: a run's requests, claimed by processes that may die.
//!
//! Each process has a row with the time until which it is alive by the server's clock, and renews it. A process counts
//! its lease on its own monotonic clock, from before the statement was sent that gave it, so that it ends here before it
//! ends there. Whose time is over is marked dead before what it held is claimed by others, and can't renew it then.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::Server;
use super::error::refused;
use super::session::Session;
use super::thread::{BackOff, spawn};
use crate::store::StoreError;
use crate::store::share::{Claimed, Claims, Hold, RunTotals, ShareOptions};

/// What must be left of a lease beside the attempt's own time.
const MARGIN: Duration = Duration::from_secs(2);
/// An attempt is given up so long before its lease ends.
const EARLY: Duration = Duration::from_secs(1);

/// It waits while the run is made ready to go on.
const BEGIN: &str = "INSERT INTO run_worker (run, lease_until, providers) \
    SELECT id, clock_timestamp() + $2 * interval '1 microsecond', $3::text[] FROM run WHERE id = $1 FOR SHARE RETURNING id";
const RENEW: &str = "UPDATE run_worker SET lease_until = clock_timestamp() + $2 * interval '1 microsecond' \
    WHERE id = $1 AND lease_until > clock_timestamp()";
const PACE: &str = "UPDATE run SET next_start = greatest(coalesce(next_start, clock_timestamp()), clock_timestamp()) \
    + $2::bigint * interval '1 microsecond' WHERE id = $1 \
    RETURNING (extract(epoch FROM next_start - clock_timestamp()) * 1000000)::bigint - $2::bigint";
const TOTALS: &str = "SELECT count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3), \
    count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE state = 6), count(*) FILTER (WHERE state IN (0, 1, 5)), \
    count(*) FILTER (WHERE lost > 0) \
    FROM run_item WHERE run = $1";

/// A way to the thread that keeps a lease. The last way to it that is dropped ends it.
#[derive(Debug, Clone)]
pub struct ShareThread {
    server: Arc<Server>,
    orders: mpsc::UnboundedSender<Order>,
    lease: watch::Receiver<Lease>,
}

/// Under which number the process is alive, and until when by its own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lease {
    worker: i64,
    until: Instant,
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

enum Order {
    Begin(ShareOptions, Answer<()>),
    Claim(usize, Answer<Claims>),
    Skip(Claimed),
    End(Answer<RunTotals>),
}

impl ShareThread {
    /// Starts the thread; it holds nothing yet.
    pub fn start(server: &Arc<Server>, run: i64) -> Result<Self, StoreError> {
        let (orders, received) = mpsc::unbounded_channel();
        let (told, lease) = watch::channel(Lease {
            worker: 0,
            until: Instant::now(),
        });
        let mut keeper = Keeper {
            server: server.clone(),
            session: None,
            run,
            options: None,
            lease: told,
        };
        spawn("share", server, move |runtime| runtime.block_on(keeper.work(received)))?;
        Ok(Self {
            server: server.clone(),
            orders,
            lease,
        })
    }

    pub async fn begin(&self, options: ShareOptions) -> Result<(), StoreError> {
        self.ask(|answer| Order::Begin(options, answer)).await
    }

    pub async fn claim(&self, most: usize) -> Result<Claims, StoreError> {
        self.ask(|answer| Order::Claim(most, answer)).await
    }

    pub fn skip(&self, claimed: &Claimed) {
        let _ = self.orders.send(Order::Skip(claimed.clone()));
    }

    pub async fn end(&self) -> Result<RunTotals, StoreError> {
        self.ask(Order::End).await
    }

    pub async fn hold(&self, worker: i64, attempt: Duration) -> Hold {
        let mut lease = self.lease.clone();
        let fits = lease
            .wait_for(|lease| lease.worker != worker || lease.until >= Instant::now() + attempt + MARGIN)
            .await;
        match fits {
            Ok(lease) if lease.worker == worker => Hold::Until(lease.until - EARLY),
            _ => Hold::Lost,
        }
    }

    async fn ask<T>(&self, order: impl FnOnce(Answer<T>) -> Order) -> Result<T, StoreError> {
        let closed = || refused(&self.server, "it is closed");
        let (answer, answered) = oneshot::channel();
        self.orders.send(order(answer)).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

/// What the thread works with.
struct Keeper {
    server: Arc<Server>,
    session: Option<Session>,
    run: i64,
    options: Option<ShareOptions>,
    lease: watch::Sender<Lease>,
}

impl Keeper {
    async fn work(&mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut back_off = BackOff::default();
        let mut renew_at = Instant::now();
        loop {
            let is_due = self.options.is_some();
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => break,
                },
                () = sleep_until(renew_at), if is_due => {
                    let lease = self.options.as_ref().map_or(Duration::ZERO, |options| options.lease);
                    renew_at = Instant::now() + match self.renew().await {
                        Ok(()) => {
                            back_off = BackOff::default();
                            lease / 3
                        }
                        Err(_) => back_off.next(),
                    };
                }
            }
        }
        if self.options.is_some() {
            let _ = self.leave().await;
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Begin(options, answer) => {
                self.options = Some(options);
                let begun = self.patiently(async |own| own.enlist().await).await;
                let _ = answer.send(begun);
            }
            Order::Claim(most, answer) => {
                let claimed = self.patiently(async |own| own.claim(most).await).await;
                let _ = answer.send(claimed);
            }
            Order::Skip(claimed) => {
                let (run, item) = (self.run, (claimed.turn, claimed.record));
                // One that is not noted is claimed again, and skipped again.
                let _ = self
                    .patiently(async |own| {
                        let session = own.session().await?;
                        session.skip_item(run, item, claimed.worker, claimed.key).await
                    })
                    .await;
            }
            Order::End(answer) => {
                let ended = self.patiently(async |own| own.leave().await).await;
                self.options = None;
                let _ = answer.send(ended);
            }
        }
    }

    /// Does work again and again while the server is away, for at most a minute; the lease is renewed meanwhile as soon
    /// as it is back.
    async fn patiently<T>(
        &mut self,
        mut work: impl AsyncFnMut(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let mut back_off = BackOff::default();
        loop {
            match work(self).await {
                Err(error) if error.passes && begun.elapsed() < super::thread::PATIENCE => sleep(back_off.next()).await,
                done => return done,
            }
        }
    }

    async fn session(&mut self) -> Result<&mut Session, StoreError> {
        let session = match self.session.take() {
            Some(session) if !session.is_closed() => session,
            _ => Session::open(&self.server).await?,
        };
        Ok(self.session.insert(session))
    }

    fn options(&self) -> ShareOptions {
        self.options.clone().unwrap_or(ShareOptions {
            lease: Duration::ZERO,
            providers: None,
            interval: None,
            in_order: false,
        })
    }

    /// Takes a number among those who are alive.
    async fn enlist(&mut self) -> Result<(), StoreError> {
        let (run, ShareOptions { lease, providers, .. }) = (self.run, self.options());
        let asked = Instant::now();
        let session = self.session().await?;
        session.check_writable()?;
        let row = session.row(BEGIN, &[&run, &microseconds(lease), &providers]).await?;
        let worker = row.map_or(0, |row| row.get(0));
        self.lease.send_replace(Lease {
            worker,
            until: asked + lease,
        });
        Ok(())
    }

    /// Renews the lease; one that is lost is followed by another, under which nothing is held yet.
    async fn renew(&mut self) -> Result<(), StoreError> {
        let lease = self.options().lease;
        let worker = self.lease.borrow().worker;
        let asked = Instant::now();
        let renewed = self
            .session()
            .await?
            .change(RENEW, &[&worker, &microseconds(lease)])
            .await?;
        match renewed {
            0 => self.enlist().await,
            _ => {
                self.lease.send_replace(Lease {
                    worker,
                    until: asked + lease,
                });
                Ok(())
            }
        }
    }

    async fn claim(&mut self, most: usize) -> Result<Claims, StoreError> {
        self.renew().await?;
        let (run, options) = (self.run, self.options());
        let worker = self.lease.borrow().worker;
        let session = self.session().await?;
        let ShareOptions {
            providers, in_order, ..
        } = &options;
        let items = session.claim_items(run, worker, most, providers, *in_order).await?;
        if items.is_empty() {
            return Ok(match session.has_rest(run, worker, providers, *in_order).await? {
                true => Claims::Wait,
                false => Claims::Done,
            });
        }
        let mut dues = None;
        if let Some(interval) = options.interval {
            let all = i64::try_from(interval.as_micros())
                .unwrap_or(i64::MAX)
                .saturating_mul(items.iter().filter(|item| !item.is_blocked).count() as i64);
            let row = session.row(PACE, &[&run, &all]).await?;
            let first = row.map_or(0, |row| row.get::<_, i64>(0)).max(0).unsigned_abs();
            dues = Some((Instant::now() + Duration::from_micros(first), interval));
        }
        let claimed = items.into_iter().map(|item| {
            // What is blocked does not go out, and takes nobody's turn.
            let due = dues.as_mut().filter(|_| !item.is_blocked).map(|(next, interval)| {
                let due = *next;
                *next += *interval;
                due
            });
            Claimed {
                turn: item.turn,
                record: item.record,
                worker,
                due,
                key: item.key,
                is_blocked: item.is_blocked,
            }
        });
        Ok(Claims::Some(claimed.collect()))
    }

    /// Gives back what is held.
    async fn leave(&mut self) -> Result<RunTotals, StoreError> {
        let run = self.run;
        let worker = self.lease.borrow().worker;
        let session = self.session().await?;
        session.leave_items(run, worker).await?;
        let row = session.row(TOTALS, &[&run]).await?;
        let number = |at: usize| row.as_ref().map_or(0, |row| row.get::<_, i64>(at).unsigned_abs());
        Ok(RunTotals {
            answered: number(0),
            unanswered: number(1),
            skipped: number(2),
            blocked: number(3),
            left: number(4),
            lost: number(5),
        })
    }
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
