//! Members in another order, or put into lists, before the JSON is written again.

use std::collections::HashMap;

use super::change::{Change, changes};
use crate::json::compact::{Map, Text, Value};

/// The likeliest first.
pub(super) const CHANGES: &[Change] = changes! {
    "sorted at the top", "the JSON written again with its outermost members alone sorted by key",
        "as PHP's `ksort` and `dict(sorted(…))` sort them" =>
        |value| top(value, &mut Map::sort_keys);
    "replacer", "the JSON written again with the keys of its outermost members alone, sorted, at every level",
        "as `JSON.stringify(body, Object.keys(body).sort())` does" =>
        |value| {
            let Value::Object(members) = &*value else { return false };
            let mut keys: Vec<Text> = members.keys().cloned().collect();
            keys.sort_by(|one, other| one.encode_utf16().cmp(other.encode_utf16()));
            let places: HashMap<Text, usize> = keys.into_iter().zip(0..).collect();
            objects(value, &|members| {
                let mut kept: Vec<(usize, &Text, &Value)> =
                    members.iter().filter_map(|(key, item)| Some((*places.get(key)?, key, item))).collect();
                kept.sort_unstable_by_key(|(place, ..)| *place);
                kept.into_iter().map(|(_, key, item)| (key.clone(), item.clone())).collect()
            })
        };
    "HashMap", "the JSON written again with its members in the order of Java's HashMap",
        "as org.json and other readers into a HashMap have them" =>
        |value| objects(value, &|members| java(members, slots(members.len())));
    "HashMap at the top", "the JSON written again with its outermost members in the order of Java's HashMap",
        "as copying a map into a HashMap has them" =>
        |value| top(value, &mut |members| *members = java(members, copied(members.len())));
    "pairs", "the JSON's outermost members written again as a list of pairs", "as `Object.entries` has them" =>
        |value| {
            let Value::Object(members) = &mut *value else { return false };
            let pair = |(key, item)| Value::Array([Value::String(key), item].into());
            *value = Value::Array(std::mem::take(members).into_iter().map(pair).collect());
            true
        };
    "values", "the values of the JSON's outermost members written again as a list",
        "as `Object.values` and `array_values` have them" =>
        |value| {
            let Value::Object(members) = &mut *value else { return false };
            *value = Value::Array(std::mem::take(members).into_iter().map(|(_, item)| item).collect());
            true
        };
    "backwards", "the JSON written again with its outermost members the other way round" => |value| {
        top(value, &mut |members| {
            *members = std::mem::take(members).into_iter().rev().collect();
        })
    };
};

/// A value with its members in the order of Java's HashMap.
pub(super) fn hashed(value: &Value) -> Value {
    let mut value = value.clone();
    objects(&mut value, &|members| java(members, slots(members.len())));
    value
}

fn top(value: &mut Value, change: &mut dyn FnMut(&mut Map)) -> bool {
    let Value::Object(members) = value else { return false };
    change(members);
    true
}

fn objects(value: &mut Value, change: &dyn Fn(&Map) -> Map) -> bool {
    match value {
        Value::Array(items) => items
            .make_mut()
            .iter_mut()
            .fold(false, |any, item| objects(item, change) | any),
        Value::Object(members) => {
            *members = change(members);
            for item in members.values_mut() {
                objects(item, change);
            }
            true
        }
        _ => false,
    }
}

/// How many slots a HashMap has that so many members were put into: three quarters of them are filled at most
/// (`java.util.HashMap`, OpenJDK 17).
fn slots(members: usize) -> u32 {
    let mut slots = 16u32;
    while slots as usize / 4 * 3 < members {
        slots = slots.saturating_mul(2);
    }
    slots
}

/// The same for one that was made of a map.
fn copied(members: usize) -> u32 {
    u32::try_from(members * 4 / 3 + 1).map_or(u32::MAX, u32::next_power_of_two)
}

/// The order of a HashMap: by the slots that the keys' hashes give, and by insertion in one slot.
fn java(members: &Map, slots: u32) -> Map {
    let hash = |key: &str| {
        let units = key.encode_utf16().map(u32::from);
        let hash = units.fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit));
        (hash ^ hash >> 16) & slots.wrapping_sub(1)
    };
    let mut all: Vec<(&Text, &Value)> = members.iter().collect();
    all.sort_by_cached_key(|(key, _)| hash(key));
    all.into_iter().map(|(key, item)| (key.clone(), item.clone())).collect()
}
