//! Regular expressions of the facts: matching, and a text that matches.
//!
//! A pattern is searched as it is written. Apple anchors its own, and one of them (`^(a)|(b)$`) says more than it
//! seems to when it is forced to cover the whole text.

use regex_automata::nfa::thompson::pikevm::PikeVM;

/// Whether the text matches. A pattern that our engine cannot read (look-around) refuses nothing.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    PikeVM::new(pattern).map_or(true, |engine| engine.is_match(&mut engine.create_cache(), text))
}

/// Whether our engine reads the pattern.
pub fn reads(pattern: &str) -> bool {
    PikeVM::new(pattern).is_ok()
}

/// The shortest plain text that matches: each repetition as seldom as it may be, the first of alternatives, the
/// first letter or digit of a class. Knows what the facts use: `^ $ . [] () | ? * + {m} {m,n} \`.
pub(super) fn sample(pattern: &str) -> Option<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    let text = alternatives(&chars, &mut at)?;
    (at == chars.len() && matches(pattern, &text)).then_some(text)
}

fn alternatives(p: &[char], at: &mut usize) -> Option<String> {
    let first = sequence(p, at)?;
    while p.get(*at) == Some(&'|') {
        *at += 1;
        sequence(p, at)?;
    }
    Some(first)
}

fn sequence(p: &[char], at: &mut usize) -> Option<String> {
    let mut out = String::new();
    while let Some(&c) = p.get(*at) {
        let piece = match c {
            '|' | ')' => break,
            '^' | '$' => {
                *at += 1;
                continue;
            }
            '(' => {
                *at += 1;
                if p[*at..].starts_with(&['?', ':']) {
                    *at += 2;
                }
                let inner = alternatives(p, at)?;
                (p.get(*at) == Some(&')')).then(|| *at += 1)?;
                inner
            }
            '[' => class(p, at)?,
            '.' => {
                *at += 1;
                "a".to_owned()
            }
            '\\' => {
                *at += 2;
                match p.get(*at - 1)? {
                    'd' => "1".to_owned(),
                    'w' => "a".to_owned(),
                    's' => " ".to_owned(),
                    other => other.to_string(),
                }
            }
            other => {
                *at += 1;
                other.to_string()
            }
        };
        out.push_str(&piece.repeat(least(p, at)?));
    }
    Some(out)
}

/// The first member of a class; a negated class is beyond us.
fn class(p: &[char], at: &mut usize) -> Option<String> {
    let end = *at + p[*at..].iter().position(|c| *c == ']')?;
    let first = *p.get(*at + 1)?;
    *at = end + 1;
    (first != '^' && first != '\\').then(|| first.to_string())
}

/// How often at least: 1 without a sign of repetition.
fn least(p: &[char], at: &mut usize) -> Option<usize> {
    match p.get(*at) {
        Some('?' | '*') => {
            *at += 1;
            Some(0)
        }
        Some('+') => {
            *at += 1;
            Some(1)
        }
        Some('{') => {
            let end = *at + p[*at..].iter().position(|c| *c == '}')?;
            let inside: String = p[*at + 1..end].iter().collect();
            *at = end + 1;
            inside.split(',').next()?.parse().ok()
        }
        _ => Some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_match_and_patterns_are_searched() {
        for pattern in
            ["^https://.*$", "^([0-9A-Fa-f]{2}:){5}([0-9A-Fa-f]{2})$", "^a?(b|c)+\\.[x-z]{2,3}$", "\\d+"]
        {
            let text = sample(pattern).expect(pattern);
            assert!(matches(pattern, &text), "{pattern}: {text}");
        }
        assert!(!matches("^[0-9]{6}$", "12345"));
        assert!(matches("^([0-9A-Za-z]{6})|([0-9A-Za-z]{9})$", "5A03BA0000"));
        assert!(matches("(?!look)around", "anything"));
    }
}
