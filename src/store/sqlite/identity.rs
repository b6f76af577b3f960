//! What deliveries of the same event share, and where it is looked up.
//!
//! An identity is a digest, so an index of them is written to at a different place for every capture. The newest are
//! therefore held in memory and go into the index later, those that lie beside each other together; a connection that
//! does not know them yet reads them from the captures behind the last one that the index has for sure.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _};

use super::row;
use crate::capture::Identity;

/// How many identities are held before some go into the index.
const HELD: usize = 16 * 1024;
/// Of how many events that came again the first capture is remembered.
const REMEMBERED: usize = 8 * 1024;

const THROUGH: &str = "SELECT through FROM indexed";
/// Changes where another connection committed something.
const VERSION: &str = "PRAGMA data_version";
const NEWEST: &str = "SELECT coalesce(max(id), 0) FROM capture";
const SINCE: &str = "SELECT identity, id FROM capture WHERE id > ?1 AND identity IS NOT NULL";
const FIRST: &str = "SELECT capture FROM identity WHERE identity = ?1 \
    AND EXISTS (SELECT 1 FROM capture WHERE id = identity.capture) ORDER BY capture LIMIT 1";
const EXISTS: &str = "SELECT 1 FROM capture WHERE id = ?1";
const ADD: &str = "INSERT OR IGNORE INTO identity (identity, capture) VALUES (?1, ?2)";
const MOVE_THROUGH: &str = "UPDATE indexed SET through = ?1 WHERE through < ?1";

type Entry = (Identity, i64);

/// The identities of the newest captures, for one transaction that writes after another. Discard it if a transaction
/// rolls back.
#[derive(Debug, Default)]
pub struct Recent {
    held: BTreeSet<Entry>,
    /// The newest capture that is known.
    newest: i64,
    /// The last that went into the index in this round.
    last: Option<Entry>,
    /// The newest capture when this round began: once it ends, the index has all up to there.
    round: i64,
    /// The first captures of events that came again: they are there as long as nobody else writes to the file.
    firsts: HashMap<Identity, i64>,
    version: i64,
}

/// What is asked of the index for each capture of a transaction, prepared once.
pub struct IdentityQueries<'c> {
    first: CachedStatement<'c>,
    exists: CachedStatement<'c>,
}

impl<'c> IdentityQueries<'c> {
    pub fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            first: connection.prepare_cached(FIRST)?,
            exists: connection.prepare_cached(EXISTS)?,
        })
    }
}

impl Recent {
    /// Reads those that the index may not have.
    pub fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let through = connection.prepare_cached(THROUGH)?.query_row([], |row| row.get(0))?;
        let mut recent = Self {
            newest: through,
            ..Self::default()
        };
        recent.catch_up(connection)?;
        recent.round = recent.newest;
        Ok(recent)
    }

    /// Takes in what other processes added.
    pub fn catch_up(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let version = connection.prepare_cached(VERSION)?.query_row([], |row| row.get(0))?;
        if version != self.version {
            self.firsts.clear();
            self.version = version;
        }
        let newest: i64 = connection.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?;
        if newest > self.newest {
            let mut since = connection.prepare_cached(SINCE)?;
            let mut rows = since.query([self.newest])?;
            while let Some(row) = rows.next()? {
                if let Some(identity) = row::identity(row, 0)? {
                    self.held.insert((identity, row.get(1)?));
                }
            }
            self.newest = newest;
        }
        Ok(())
    }

    /// The first capture of the same event.
    pub fn first(&mut self, queries: &mut IdentityQueries<'_>, identity: Identity) -> rusqlite::Result<Option<i64>> {
        if let Some(first) = self.firsts.get(&identity) {
            return Ok(Some(*first));
        }
        let first = self.find(queries, identity)?;
        if let Some(first) = first {
            if self.firsts.len() >= REMEMBERED {
                self.firsts.clear();
            }
            self.firsts.insert(identity, first);
        }
        Ok(first)
    }

    fn find(&self, queries: &mut IdentityQueries<'_>, identity: Identity) -> rusqlite::Result<Option<i64>> {
        if let Some(indexed) = queries.first.query_row([identity], |row| row.get(0)).optional()? {
            return Ok(Some(indexed));
        }
        let same = self.held.range((identity, 0)..);
        for (_, id) in same.take_while(|(other, _)| *other == identity) {
            // It may have been removed.
            if queries.exists.exists([id])? {
                return Ok(Some(*id));
            }
        }
        Ok(None)
    }

    /// Takes in a capture that was added.
    pub fn add(&mut self, identity: Option<Identity>, id: i64) {
        self.newest = id;
        self.held.extend(identity.map(|identity| (identity, id)));
    }

    /// Where too many are held, `count` of them go into the index: the next in their order, so that few of its pages
    /// change.
    pub fn settle(&mut self, connection: &Connection, count: usize) -> rusqlite::Result<()> {
        if self.held.len() > HELD {
            self.settle_next(connection, count)?;
        }
        Ok(())
    }

    /// All go into the index.
    pub fn settle_all(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.last = None;
        self.round = self.newest;
        self.settle_next(connection, usize::MAX)
    }

    fn settle_next(&mut self, connection: &Connection, count: usize) -> rusqlite::Result<()> {
        let after = self.last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let next: Vec<Entry> = self
            .held
            .range((after, Bound::Unbounded))
            .take(count)
            .copied()
            .collect();
        let mut add = connection.prepare_cached(ADD)?;
        for entry in &next {
            add.execute(*entry)?;
            self.held.remove(entry);
        }
        if next.len() < count {
            connection.prepare_cached(MOVE_THROUGH)?.execute([self.round])?;
            self.round = self.newest;
            self.last = None;
        } else {
            self.last = next.into_iter().next_back();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Database;
    use super::super::insert::Insertion;
    use crate::capture::{Judgement, Recorded};
    use crate::message::Message;
    use crate::verify::{Reason, SignatureState};

    fn request(identity: u8) -> Recorded {
        Recorded {
            judgement: Some(Judgement {
                identity: Some([identity; 16]),
                ..Judgement::new(Reason::Valid, SignatureState::Match)
            }),
            ..Recorded::new(Message::new("a"))
        }
    }

    /// Adds one capture, moves `count` identities into the index, and gives what it is a duplicate of.
    fn add(store: &mut Database, identity: u8, count: usize) -> Option<i64> {
        let kept = store.write(|transaction, recent| {
            let kept = Insertion::prepare(transaction)?.add(recent, &request(identity))?;
            if count > 0 {
                recent.settle_next(transaction, count)?;
            }
            Ok(kept)
        });
        kept.unwrap().duplicate_of
    }

    #[test]
    fn a_duplicate_is_found_wherever_its_first_is() {
        // Nothing settles, one at a time, several at a time, all at once.
        for count in [0, 1, 3, 100] {
            let folder =
                std::env::temp_dir().join(format!("ckwh-identity-{}-{}", std::process::id(), fastrand::u64(..)));
            let path = folder.join("captures.db");
            let mut one = Database::open(&path).unwrap();
            let mut other = Database::open(&path).unwrap();
            let mut firsts = [None; 16];
            for number in 0..200_u8 {
                // Another order than that of the identities.
                let identity = number.wrapping_mul(7) % 16;
                let store = if number % 3 == 0 { &mut other } else { &mut one };
                if number == 90 {
                    // As after a crash: what it held is gone.
                    *store = Database::open(&path).unwrap();
                }
                let duplicate_of = add(store, identity, count);
                assert_eq!(duplicate_of, firsts[usize::from(identity)], "{count}, {number}");
                firsts[usize::from(identity)].get_or_insert(i64::from(number) + 1);
            }
            let (first, second) = (firsts[0].unwrap(), firsts[0].unwrap() + 16);
            other.remove(&[first]).unwrap();
            assert_eq!(add(&mut one, 0, count), Some(second), "{count}");
            other.remove(&(1..=300).collect::<Vec<_>>()).unwrap();
            assert_eq!(add(&mut one, 0, count), None, "{count}");
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}
