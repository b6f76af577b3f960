//! Reading curl command lines, as browsers copy them and as people write them. Nothing in them is run.

use super::line::Line;
use super::shell::{Command, Word};
use super::{Files, ansi, cmd, shell};
use crate::exchange::Entry;

/// Commands that may stand before another without changing what it sends.
const BEFORE: [&[u8]; 6] = [b"$", b"%", b"sudo", b"time", b"exec", b"&"];

/// Whether a text begins as a command line of curl, or as one that another command feeds.
pub fn looks_like(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let words = first_words(without_prompt(line));
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    match *program {
        program if is_curl(program) => true,
        b"printf" | b"echo" | b"cat" => {
            let has_curl = |text: &[u8]| text.windows(6).any(|window| window == b"| curl" || window == b"|curl ");
            (!rest.is_empty() || *program == b"cat") && has_curl(&text[..text.len().min(64 * 1024)])
        }
        _ => false,
    }
}

/// The words of a line's beginning that name its program, and one behind it.
fn first_words(line: &[u8]) -> Vec<&[u8]> {
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.skip_while(|word| BEFORE.contains(word)).take(2).collect()
}

/// A line without what a shell shows before it: `PS C:\>`, `C:\Users\x>`.
fn without_prompt(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii_start();
    let behind = line.strip_prefix(b"PS ").unwrap_or(line);
    match behind {
        [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic() => {
            let end = behind.iter().position(|byte| matches!(byte, b'>' | b'"' | b' '));
            match end.filter(|end| behind[*end] == b'>') {
                Some(end) => behind[end + 1..].trim_ascii_start(),
                None => line,
            }
        }
        _ => line,
    }
}

/// Whether a word names curl's program.
fn is_curl(word: &[u8]) -> bool {
    let name = word
        .rsplit(|byte| matches!(byte, b'/' | b'\\'))
        .next()
        .unwrap_or_default();
    let name = name.strip_suffix(b"\"").unwrap_or(name);
    name.eq_ignore_ascii_case(b"curl") || name.eq_ignore_ascii_case(b"curl.exe")
}

/// Gives the requests of every command line to `take`. `before` is how many lines stand before `text`.
pub fn each(text: &[u8], before: usize, files: &Files<'_>, take: &mut dyn FnMut(Entry) -> bool) {
    let skipped = text.len() - without_prompt(text).len();
    let text = &text[skipped..];
    let commands = match cmd::looks_like(text) {
        true => cmd::split(text, before + 1),
        false => shell::split(text, before + 1),
    };
    let mut number = 0;
    for command in commands {
        number += 1;
        let place = format!("command {number} (line {})", command.line);
        let found = match requests(command, files) {
            Ok(found) => found,
            Err(problem) => {
                if !take(Entry::new(place, Err(problem))) {
                    return;
                }
                continue;
            }
        };
        for request in found {
            if !take(Entry::new(place.clone(), request)) {
                return;
            }
        }
    }
}

fn shown(word: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(word).chars().take(40).collect();
    text.escape_debug().to_string()
}

type Requests = Vec<Result<crate::capture::Recorded, String>>;

fn requests(command: Command, files: &Files<'_>) -> Result<Requests, String> {
    if let Some(problem) = command.problem {
        return Err(problem.into());
    }
    let mut words = command.words.into_iter().peekable();
    while words
        .next_if(|word| BEFORE.contains(&&word.bytes[..]) || is_assignment(&word.bytes))
        .is_some()
    {}
    let mut stdin = command.stdin;
    let mut program = words.next().unwrap_or_default();
    if let Some(fed) = fed(&program, &mut words, &mut stdin)? {
        stdin = Some(fed);
        program = words.next().unwrap_or_default();
    }
    if !is_curl(&program.bytes) {
        return Err(format!(
            "it begins with `{}`, and nothing is run here",
            shown(&program.bytes)
        ));
    }
    let (words, lost) = without_answer(words.collect());
    if let Some(operator) = words.iter().find(|word| word.is_operator) {
        return Err(format!(
            "`{}` is for a shell, and nothing is run here",
            shown(&operator.bytes)
        ));
    }
    let mut unknown: Vec<String> = words.iter().flat_map(|word| word.unknown.clone()).collect();
    unknown.sort();
    unknown.dedup();
    let mut found = Line::requests(words.into_iter().map(|word| word.bytes).collect(), stdin, files)?;
    if let Some(operator) = lost {
        for recorded in found.iter_mut().flatten() {
            recorded.notes.push(format!(
                "what stands behind `{operator}` is for the answer, and nothing is run here"
            ));
        }
    }
    if !unknown.is_empty() {
        let note = format!("{} is not known here, and stands as it is written", unknown.join(", "));
        for recorded in found.iter_mut().flatten() {
            recorded.notes.push(note.clone());
        }
    }
    Ok(found)
}

/// `NAME=value` before a program, which is for its environment.
fn is_assignment(word: &[u8]) -> bool {
    let name = word.split(|byte| *byte == b'=').next().unwrap_or_default();
    let is_name = name
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    name.len() < word.len() && !name.is_empty() && is_name
}

/// Whether it is a program that would run what it is given.
fn is_shell(word: &[u8]) -> bool {
    const SHELLS: [&[u8]; 6] = [b"sh", b"bash", b"dash", b"zsh", b"ksh", b"fish"];
    let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    SHELLS.contains(&name)
}

/// The words of a command without what is done with its answer: the files that it is written to, and the programs that
/// read it, but a curl or a shell; and the operator that such a program stands behind.
fn without_answer(words: Vec<Word>) -> (Vec<Word>, Option<&'static str>) {
    let mut kept = Vec::with_capacity(words.len());
    let is_output = |word: &Word| word.is_operator && [&b">"[..], b">>", b"&>", b">&"].contains(&&word.bytes[..]);
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let has_name = words.peek().is_some_and(|next| !next.is_operator);
        if is_output(&word) && has_name {
            words.next();
        } else if word.is_operator && word.bytes == b"|" {
            let behind: Vec<Word> = words.collect();
            if behind.iter().any(|word| is_curl(&word.bytes) || is_shell(&word.bytes)) {
                kept.push(word);
                return (kept, None);
            }
            return (kept, Some("|"));
        } else {
            kept.push(word);
        }
    }
    (kept, None)
}

/// What `printf`, `echo` or `cat` gives to the curl behind the pipe.
fn fed(
    program: &Word,
    words: &mut std::iter::Peekable<std::vec::IntoIter<Word>>,
    stdin: &mut Option<Vec<u8>>,
) -> Result<Option<Vec<u8>>, String> {
    let is_pipe = |word: &Word| word.is_operator && word.bytes == b"|";
    let mut arguments = Vec::new();
    let mut take_arguments = || {
        while let Some(word) = words.next_if(|word| !word.is_operator) {
            arguments.push(word.bytes);
        }
        words
            .next_if(is_pipe)
            .is_some()
            .then_some(std::mem::take(&mut arguments))
    };
    match &program.bytes[..] {
        b"printf" => {
            let arguments = take_arguments().ok_or("after printf comes `| curl`")?;
            let mut arguments = arguments.into_iter();
            let format = arguments.next().unwrap_or_default();
            if format == b"%s" {
                return Ok(Some(arguments.next().unwrap_or_default()));
            }
            Ok(Some(ansi::printf(&format)?))
        }
        b"echo" => {
            let mut arguments = take_arguments().ok_or("after echo comes `| curl`")?;
            let ends = arguments.first().is_none_or(|first| first != b"-n");
            if !ends {
                arguments.remove(0);
            }
            let mut text = arguments.join(&b' ');
            if ends {
                text.push(b'\n');
            }
            Ok(Some(text))
        }
        b"cat" if stdin.is_some() => {
            take_arguments().ok_or("after cat comes `| curl`")?;
            Ok(stdin.take())
        }
        _ => Ok(None),
    }
}
