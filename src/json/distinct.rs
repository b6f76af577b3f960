//! Which styles write one value differently from each other, told without writing it: by what of it they differ on.

use std::collections::HashSet;

use super::compact::{Map, Value};
use super::number;
use super::style::{KeyOrder, Layout, Numbers, Style};
use super::write::{Writer, is_in_order, is_list, shorter_time};

/// So many numbers of odd shapes are compared; of a value with more, no two ways of writing numbers count as one.
const MOST_ODD: usize = 2_000;
/// An integer of at most so many digits is written alike by every format, but for what a whole double ends with.
const SHORT: usize = 6;
/// And a fraction of at most so many digits in all is, but for the zeros at its end.
const EXACT: usize = 15;
const SHAPES: usize = 5;

/// The first of each class of `styles` that write `value` alike, in their order.
pub(crate) fn distinct(value: &Value, styles: impl Iterator<Item = &'static Style> + Clone) -> Vec<&'static Style> {
    let mut formats: Vec<Numbers> = Vec::new();
    for style in styles.clone() {
        if !formats.contains(&style.numbers) {
            formats.push(style.numbers);
        }
    }
    let mut traits = Traits::new(formats);
    traits.value(value);
    let mut seen = HashSet::new();
    styles.filter(|style| seen.insert(traits.class(style))).collect()
}

/// What styles may differ on.
struct Traits<'v> {
    /// The characters beyond letters and digits, each once.
    marks: Marks,
    html: bool,
    times: bool,
    nulls: bool,
    /// Whether an object has the keys 0, 1, 2 … or none.
    lists: bool,
    /// Whether each of `ORDERS` has the keys of an object in another order than they stand in.
    moved: [bool; ORDERS.len()],
    numbers: Formats<'v>,
}

const ORDERS: [KeyOrder; 5] = [
    KeyOrder::AsWritten,
    KeyOrder::JavaScript,
    KeyOrder::JavaScriptSorted,
    KeyOrder::Sorted,
    KeyOrder::ByLength,
];

/// What two styles that write a value alike have in common.
#[derive(PartialEq, Eq, Hash)]
struct Class {
    layout: Layout,
    marks: Vec<u8>,
    /// The one that escapes for HTML: what it writes holds marks that the value does not.
    html: Option<&'static str>,
    flags: [bool; 3],
    order: usize,
    numbers: usize,
}

impl<'v> Traits<'v> {
    fn new(formats: Vec<Numbers>) -> Self {
        Self {
            marks: Marks::default(),
            html: false,
            times: false,
            nulls: false,
            lists: false,
            moved: [false; ORDERS.len()],
            numbers: Formats::new(formats),
        }
    }

    fn value(&mut self, value: &'v Value) {
        match value {
            Value::Null => self.nulls = true,
            Value::Bool(_) => {}
            Value::Number(number) => self.numbers.add(number.as_str()),
            Value::String(text) => {
                self.marks.add(text);
                self.html |= text.bytes().any(|byte| b"&<>\"'`=".contains(&byte));
                self.times |= shorter_time(text).is_some();
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(members) => {
                self.lists |= is_list(members.keys().map(|key| &**key));
                self.keys(members);
                for (key, item) in members {
                    self.marks.add(key);
                    self.value(item);
                }
            }
        }
    }

    fn keys(&mut self, members: &Map) {
        for (moved, own) in self.moved.iter_mut().zip(ORDERS).skip(1) {
            *moved = *moved || !is_in_order(members, own);
        }
    }

    /// Where nothing of the value tells two styles apart, this is the same for both.
    fn class(&self, style: &'static Style) -> Class {
        let place = ORDERS.iter().position(|order| *order == style.keys).unwrap_or_default();
        let numbers = self.numbers.formats.iter().position(|own| *own == style.numbers);
        Class {
            layout: style.layout,
            marks: self.marks.written(style),
            html: (style.text.html && self.html).then_some(style.name),
            flags: [
                style.text.times && self.times,
                style.without_nulls && self.nulls,
                style.objects_as_lists && self.lists,
            ],
            order: if self.moved[place] { place } else { 0 },
            numbers: numbers.map_or(0, |at| self.numbers.classes[at]),
        }
    }
}

/// A set of characters.
struct Marks {
    ascii: [bool; 128],
    foreign: HashSet<char>,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            ascii: [false; 128],
            foreign: HashSet::new(),
        }
    }
}

impl Marks {
    fn add(&mut self, text: &str) {
        for byte in text.bytes().filter(u8::is_ascii) {
            self.ascii[usize::from(byte)] = true;
        }
        if !text.is_ascii() {
            self.foreign.extend(text.chars().filter(|char| !char.is_ascii()));
        }
    }

    /// All of them as `style` writes them.
    fn written(&self, style: &Style) -> Vec<u8> {
        let ascii = (0u8..128).filter(|byte| self.ascii[usize::from(*byte)] && !byte.is_ascii_alphanumeric());
        let mut text: String = ascii.map(char::from).collect();
        text.extend(&self.foreign);
        let mut writer = Writer::new(style, usize::MAX);
        writer.text_plain(&text);
        writer.out
    }
}

/// The ways of writing numbers, and for each which class it is in so far.
struct Formats<'v> {
    formats: Vec<Numbers>,
    classes: Vec<usize>,
    /// Of the shapes that are written alike but for their ends, those that were seen.
    shapes: [bool; SHAPES],
    odd: HashSet<&'v str>,
}

impl<'v> Formats<'v> {
    fn new(formats: Vec<Numbers>) -> Self {
        Self {
            classes: vec![0; formats.len()],
            formats,
            shapes: [false; SHAPES],
            odd: HashSet::new(),
        }
    }

    fn add(&mut self, text: &'v str) {
        match shape(text) {
            Some(shape) if self.shapes[shape] => {}
            Some(shape) => {
                self.shapes[shape] = true;
                self.split(text);
            }
            None if self.odd.len() == MOST_ODD => self.classes = (0..self.formats.len()).collect(),
            None => {
                if self.odd.insert(text) {
                    self.split(text);
                }
            }
        }
    }

    /// Takes the formats apart that write `text` differently.
    fn split(&mut self, text: &str) {
        let written = self.formats.iter().map(|format| match format {
            Numbers::AsWritten => Some(text.to_owned()),
            Numbers::Decimal => number::decimal_text(text),
            Numbers::Of(format) => number::write(text, format),
        });
        let pairs: Vec<(usize, Option<String>)> = self.classes.iter().copied().zip(written).collect();
        let first = |pair| pairs.iter().position(|own| own == pair).unwrap_or_default();
        self.classes = pairs.iter().map(first).collect();
    }
}

/// A class of numbers that every format writes alike but for what stands at their ends; nothing for an odd one.
fn shape(text: &str) -> Option<usize> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() > SHORT || !digits(whole) || !digits(fraction) || text.len() > EXACT {
        return None;
    }
    let small = whole == "0" && fraction.starts_with('0');
    let zero = whole == "0" && fraction.bytes().all(|byte| byte == b'0');
    let zeros = fraction.bytes().rev().take_while(|byte| *byte == b'0').count();
    match fraction.len() {
        _ if small || zero => None,
        0 => Some(0),
        1 if zeros == 1 => Some(1),
        length if zeros == length => Some(2),
        _ => Some(if zeros > 0 { 3 } else { 4 }),
    }
}
