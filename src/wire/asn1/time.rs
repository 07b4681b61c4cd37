//! Moments in certificates: UTCTime until 2049, GeneralizedTime from 2050 on (RFC 5280 section 4.1.2.5).

/// Seconds since 1970 of a date and time in UTC; `None` for an impossible one.
pub fn seconds(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // A leap second is folded into the second before it.
    let second = if second == 60 { 59 } else { second };
    let possible = (1..=longest).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && (0..=9999).contains(&year);
    if !possible {
        return None;
    }
    // Years are counted from March, so that the leap day is the last of its year.
    let shifted = if month > 2 { year } else { year - 1 };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// Year, month, day, hour, minute and second of seconds since 1970.
pub fn civil(moment: i64) -> [i64; 6] {
    let days = moment.div_euclid(86_400) + 719_468;
    let of_day = moment.rem_euclid(86_400);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + of_era + i64::from(month <= 2);
    [year, month, day, of_day / 3600, of_day / 60 % 60, of_day % 60]
}

fn pairs(text: &[u8]) -> Option<Vec<i64>> {
    if !text.iter().all(u8::is_ascii_digit) || !text.len().is_multiple_of(2) {
        return None;
    }
    Some(text.chunks_exact(2).map(|two| i64::from(two[0] - b'0') * 10 + i64::from(two[1] - b'0')).collect())
}

/// `YYMMDDhhmmssZ`, or without seconds as some old encoders wrote it.
pub(super) fn utc(text: &[u8]) -> Option<i64> {
    let pairs = pairs(text.strip_suffix(b"Z")?)?;
    let (year, second) = match pairs.as_slice() {
        [year, _, _, _, _, second] => (*year, *second),
        [year, _, _, _, _] => (*year, 0),
        _ => return None,
    };
    let century = if year < 50 { 2000 } else { 1900 };
    seconds(century + year, pairs[1], pairs[2], pairs[3], pairs[4], second)
}

/// `YYYYMMDDhhmmssZ`, with a fraction ignored.
pub(super) fn generalized(text: &[u8]) -> Option<i64> {
    let text = text.strip_suffix(b"Z")?;
    let whole = match text.iter().position(|byte| *byte == b'.') {
        Some(dot) if text.len() > dot + 1 && text[dot + 1..].iter().all(u8::is_ascii_digit) => &text[..dot],
        Some(_) => return None,
        None => text,
    };
    match pairs(whole)?.as_slice() {
        [century, year, month, day, hour, minute, second] => {
            seconds(century * 100 + year, *month, *day, *hour, *minute, *second)
        }
        _ => None,
    }
}
