//! Which modules a Rust file names, in `use` and in paths, those in macros included.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A path to a module that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// From 1 on.
    pub line: usize,
    /// From the crate's root on.
    pub path: Vec<String>,
}

/// The paths from `crate`, `ckwh`, `self` and `super` on in the source of `module`, a path from the crate's root on.
pub fn read(source: &str, module: &[String]) -> Vec<Import> {
    let tokens: TokenStream = source.parse().expect("the file is Rust");
    let mut found = Vec::new();
    tree(tokens, module, &mut found);
    found
}

fn tree(tokens: TokenStream, module: &[String], found: &mut Vec<Import>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(ident) => match base(ident, module) {
                Some(path) if !follows_colons(&tokens, at) => {
                    at = walk(&tokens, at, path, found);
                    continue;
                }
                _ => {}
            },
            TokenTree::Group(group) => {
                let inner = inline_module(&tokens, at).map(|name| [module, &[name]].concat());
                tree(group.stream(), inner.as_deref().unwrap_or(module), found);
            }
            _ => {}
        }
        at += 1;
    }
}

/// The module that a path begins in.
fn base(ident: &Ident, module: &[String]) -> Option<Vec<String>> {
    match ident.to_string().as_str() {
        "crate" | "ckwh" => Some(Vec::new()),
        "self" => Some(module.to_vec()),
        "super" => Some(above(module)),
        _ => None,
    }
}

fn above(module: &[String]) -> Vec<String> {
    module[..module.len().saturating_sub(1)].to_vec()
}

/// Follows a path from its first word on; gives the place behind it. A group in it is a path for each of its items.
fn walk(tokens: &[TokenTree], mut at: usize, mut path: Vec<String>, found: &mut Vec<Import>) -> usize {
    let line = tokens[at].span().start().line;
    at += 1;
    let mut is_path = false;
    while is_colons(tokens, at) {
        is_path = true;
        match tokens.get(at + 2) {
            Some(TokenTree::Ident(ident)) if ident == "super" => path = above(&path),
            Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for item in inner.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')) {
                    let Some(first) = item.first() else { continue };
                    let mut path = path.clone();
                    match first {
                        TokenTree::Ident(ident) if ident == "self" => {}
                        _ => path.push(first.to_string()),
                    }
                    walk(item, 0, path, found);
                }
                return at + 3;
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => path.push("*".to_owned()),
            // Such as the `<` of `::<T>`.
            _ => break,
        }
        at += 3;
    }
    // `crate` alone stands in `pub(crate)`, and `self` is a value.
    if is_path || !path.is_empty() {
        found.push(Import { line, path });
    }
    at
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

fn follows_colons(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_colons(tokens, at - 2)
}

/// The name of the module whose braces stand at `at`.
fn inline_module(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at.checked_sub(2)?..at)? {
        [TokenTree::Ident(word), TokenTree::Ident(name)] if word == "mod" => Some(name.to_string()),
        _ => None,
    }
}
