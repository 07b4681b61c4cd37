//! Numbers and moments in words.

use crate::model::Time;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment as seen from `now`: `just now`, `4 min ago`, `in 3 days`. Past two months the date itself.
pub fn relative(at: Time, now: Time) -> String {
    let secs = now.since_ms(at).div_euclid(1000);
    let (past, secs) = (secs >= 0, secs.abs());
    if secs < 45 {
        return if past { "just now".into() } else { "in a moment".into() };
    }
    let (n, unit) = match secs {
        s if s < HOUR => ((s + 30) / MINUTE, "min"),
        s if s < DAY => ((s + HOUR / 2) / HOUR, "hour"),
        s if s < 61 * DAY => ((s + DAY / 2) / DAY, "day"),
        _ => return date(at),
    };
    let unit = if unit == "min" || n == 1 { unit.to_owned() } else { format!("{unit}s") };
    if past { format!("{n} {unit} ago") } else { format!("in {n} {unit}") }
}

/// `24 Nov 2026, 21:22 UTC`.
pub fn absolute(at: Time) -> String {
    let text = at.rfc3339();
    format!("{}, {} UTC", date(at), text.get(11..16).unwrap_or(""))
}

/// `24 Nov 2026`.
pub fn date(at: Time) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.rfc3339();
    let (Some(year), Some(month), Some(day)) = (text.get(0..4), text.get(5..7), text.get(8..10)) else {
        return text;
    };
    let month = month.parse::<usize>().ok().and_then(|m| MONTHS.get(m.wrapping_sub(1))).unwrap_or(&"");
    format!("{} {month} {year}", day.trim_start_matches('0'))
}

/// A length of time in its largest whole unit: `30 min`, `12 hours`, `7 days`.
pub fn span(secs: i64) -> String {
    match secs {
        s if s >= DAY && s % DAY == 0 => count((s / DAY).unsigned_abs(), "day", "days"),
        s if s >= HOUR && s % HOUR == 0 => count((s / HOUR).unsigned_abs(), "hour", "hours"),
        s => format!("{} min", s / MINUTE),
    }
}

/// `1 device`, `1,204 devices`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `1,204`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Up to two letters that stand for a person or thing.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

/// `Ada`, `Ada and Grace`, `Ada, Grace and 2 others`.
pub fn names(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} others", rest.len()),
    }
}
