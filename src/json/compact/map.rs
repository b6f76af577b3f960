//! The members of an object, without a table beside them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use ecow::{EcoVec, eco_format};

use super::{Text, Value};

/// The members of an object; each key stands there once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Map(EcoVec<(Text, Value)>);

impl Map {
    /// The items of a list by their numbers.
    pub(crate) fn numbered(items: EcoVec<Value>) -> Self {
        let items = items.into_iter().enumerate();
        Self(items.map(|(index, item)| (eco_format!("{index}"), item)).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> Members<'_> {
        self.into_iter()
    }

    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.iter().map(|(_, item)| item)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.make_mut().iter_mut().map(|(_, item)| item)
    }

    /// One member; every key before it is looked at.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.iter().find(|(own, _)| *own == key).map(|(_, item)| item)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let found = self.0.iter().position(|(own, _)| own == key)?;
        Some(&mut self.0.make_mut()[found].1)
    }

    /// Takes a member out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Value> {
        let found = self.0.iter().position(|(own, _)| own == key)?;
        Some(self.0.remove(found).1)
    }

    pub(crate) fn retain(&mut self, keeps: &dyn Fn(&Value) -> bool) {
        if !self.values().all(keeps) {
            self.0.retain(|(_, item)| keeps(item));
        }
    }

    pub(crate) fn sort_keys(&mut self) {
        self.0.make_mut().sort_by(|(one, _), (other, _)| one.cmp(other));
    }
}

fn pair(member: &(Text, Value)) -> (&Text, &Value) {
    (&member.0, &member.1)
}

pub(crate) type Members<'m> =
    std::iter::Map<std::slice::Iter<'m, (Text, Value)>, fn(&'m (Text, Value)) -> (&'m Text, &'m Value)>;

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m Text, &'m Value);
    type IntoIter = Members<'m>;

    fn into_iter(self) -> Self::IntoIter {
        self.0
            .iter()
            .map(pair as fn(&'m (Text, Value)) -> (&'m Text, &'m Value))
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = ecow::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(Text, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Text, Value)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut filling = Filling::of(members.size_hint().0);
        members.for_each(|(key, item)| filling.insert(key, item));
        filling.filled()
    }
}

/// Up to so many members are compared one by one.
const FEW: usize = 8;

/// An object that is read: a key given twice keeps its first place and its last value.
pub(super) struct Filling {
    members: EcoVec<(Text, Value)>,
    /// Where the keys of an object with more than a few members stand, by their hashes.
    places: HashMap<u64, usize>,
    hasher: RandomState,
}

impl Filling {
    pub(super) fn of(count: usize) -> Self {
        Self {
            members: EcoVec::with_capacity(count),
            places: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn filled(self) -> Map {
        Map(self.members)
    }

    fn place(&self, key: &str) -> Option<usize> {
        let all = || self.members.iter().position(|(own, _)| own == key);
        if self.members.len() <= FEW {
            return all();
        }
        let place = *self.places.get(&self.hasher.hash_one(key))?;
        // Two keys have one hash by chance only.
        if self.members[place].0 == key {
            Some(place)
        } else {
            all()
        }
    }

    pub(super) fn insert(&mut self, key: Text, item: Value) {
        if let Some(place) = self.place(&key) {
            self.members.make_mut()[place].1 = item;
            return;
        }
        self.members.push((key, item));
        let from = match self.members.len() {
            ..=FEW => return,
            length if length == FEW + 1 => 0,
            length => length - 1,
        };
        for (place, (key, _)) in self.members.iter().enumerate().skip(from) {
            self.places.entry(self.hasher.hash_one(&**key)).or_insert(place);
        }
    }
}
