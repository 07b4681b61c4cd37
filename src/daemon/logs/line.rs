//! One record, one line: what `tail`, `grep` and a frightened administrator at night can read.
//!
//! `2026-11-24T03:15:22.123Z INFO  mdm[4711] <C02XK1ABJG5H> text key=value req=01J… dev=… cmd=…`

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};

use super::{Level, Log};
use crate::model::Time;

/// Longest line; what is beyond is cut, and the cut shown.
const LONGEST: usize = 16 * 1024;

/// Names and values of a span or an event, in order, and the sentence.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    pub(super) message: String,
    pub(super) pairs: Vec<(&'static str, String)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.message = value;
            return;
        }
        match self.pairs.iter_mut().find(|(name, _)| *name == field.name()) {
            Some((_, old)) => *old = value,
            None => self.pairs.push((field.name(), value)),
        }
    }

    /// Adds what `inner` says; the inner word wins.
    pub(super) fn absorb(&mut self, inner: &Fields) {
        for (name, value) in &inner.pairs {
            match self.pairs.iter_mut().find(|(known, _)| known == name) {
                Some((_, old)) => old.clone_from(value),
                None => self.pairs.push((name, value.clone())),
            }
        }
        if !inner.message.is_empty() {
            self.message.clone_from(&inner.message);
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(known, _)| *known == name)?;
        Some(self.pairs.remove(at).1)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // Durations and shares: three digits behind the point tell enough.
        self.put(field, format!("{:.3}", value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        self.put(field, text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }
}

/// Whether a character could forge a line, drive a terminal, or turn the text around: control characters, line
/// and paragraph separators, and the marks of writing direction (rule W18).
fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Appends `text` with every treacherous character spelled out.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if is_treacherous(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

fn pair(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push('=');
    let plain = !value.is_empty() && !value.contains([' ', '"', '=', '\u{a0}']);
    if plain {
        escape(out, value);
    } else {
        out.push('"');
        escape(out, &value.replace('"', "'"));
        out.push('"');
    }
}

/// The time as the logs spell it: RFC 3339, UTC, milliseconds.
pub fn stamp(now: Time) -> String {
    match jiff::Timestamp::from_millisecond(now.0) {
        Ok(moment) => format!("{moment:.3}"),
        Err(_) => now.rfc3339(),
    }
}

/// Writes one line, with its end. `place` is the module and line, told only at the levels for developers.
pub(super) fn line(
    now: Time,
    level: Level,
    log: Log,
    mut fields: Fields,
    place: Option<(&str, u32)>,
) -> String {
    let mut out = String::with_capacity(160);
    let _ = write!(
        out,
        "{} {:<5} {}[{}]",
        stamp(now),
        level.as_str().to_uppercase(),
        log.name(),
        std::process::id()
    );
    let peer = fields.take("peer");
    if let Some(who) = fields.take("serial").or(peer) {
        out.push_str(" <");
        escape(&mut out, &who);
        out.push('>');
    }
    out.push(' ');
    escape(&mut out, &fields.message);
    // What ties lines together comes last, so that the eye finds it.
    let ties = ["req", "dev", "cmd"].map(|name| (name, fields.take(name)));
    for (name, value) in &fields.pairs {
        pair(&mut out, name, value);
    }
    if let Some((module, line)) = place {
        pair(&mut out, "at", &format!("{module}:{line}"));
    }
    for (name, value) in ties {
        if let Some(value) = value {
            pair(&mut out, name, &value);
        }
    }
    if out.len() > LONGEST {
        let mut end = LONGEST;
        while !out.is_char_boundary(end) {
            end -= 1;
        }
        out.truncate(end);
        out.push('…');
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_harmless_line() {
        let fields = Fields {
            message: "said hello\n2026-01-01T00:00:00.000Z INFO  mdm[1] a lie".into(),
            pairs: vec![
                ("req", "01J".into()),
                ("name", "\u{1b}[2J\u{202e}x\u{85}".into()),
                ("empty", String::new()),
            ],
        };
        let text = line(Time(1_795_490_122_123), Level::Info, Log::Mdm, fields, None);
        assert_eq!(text.matches('\n').count(), 1);
        assert!(text.starts_with("2026-11-24T03:15:22.123Z INFO  mdm["), "{text}");
        assert!(text.contains("hello\\n2026"), "{text}");
        assert!(text.contains("name=\\u{1b}[2J\\u{202e}x\\u{85}"), "{text}");
        assert!(text.ends_with("empty=\"\" req=01J\n"), "{text}");
    }

    #[test]
    fn a_line_has_an_end() {
        let fields = Fields { message: "é".repeat(40_000), ..Fields::default() };
        let text = line(Time(0), Level::Warn, Log::Devicemgrd, fields, None);
        assert!(text.len() <= LONGEST + 8);
        assert!(text.ends_with("…\n"));
    }
}
