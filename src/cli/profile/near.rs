//! What was probably meant by a word that nobody knows.

/// Suggestions at most.
const MOST: usize = 3;

/// The nearest of `known`, best first: those with few letters wrong, then those that hold the word.
pub(super) fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = word.to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    let mut found: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let folded = candidate.to_lowercase();
            // Of a payload type people remember the last word.
            let last = folded.rsplit('.').next().unwrap_or(&folded);
            let wrong = distance(&wanted, &folded).min(distance(&wanted, last) + usize::from(last != folded));
            if wrong <= allowed {
                Some((wrong, candidate))
            } else if wanted.len() >= 3 && (folded.contains(&wanted) || wanted.contains(&folded)) {
                Some((allowed + 1 + folded.len().abs_diff(wanted.len()), candidate))
            } else {
                None
            }
        })
        .collect();
    found.sort();
    found.dedup();
    // Beside a near one a far one only confuses.
    let best = found.first().map_or(0, |(wrong, _)| *wrong);
    found.retain(|(wrong, _)| *wrong <= best + 1);
    found.into_iter().take(MOST).map(|(_, candidate)| candidate).collect()
}

/// `Did you mean a, b or c?`, or nothing.
pub(super) fn question(near: &[&str]) -> String {
    match near {
        [] => String::new(),
        [one] => format!("Did you mean {one}?"),
        [some @ .., last] => format!("Did you mean {} or {last}?", some.join(", ")),
    }
}

/// Letters to change, add, leave out or swap with their neighbor.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = last[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_keyboard_are_understood() {
        let known = ["allowCamera", "allowAirDrop", "SSID_STR", "Password"];
        assert_eq!(near("allowcamra", known), ["allowCamera"]);
        assert_eq!(near("SSID_SRT", known), ["SSID_STR"]);
        assert_eq!(near("airdrop", known), ["allowAirDrop"]);
        assert_eq!(
            near("passwordpolcy", ["wifi.managed", "mobiledevice.passwordpolicy"]),
            ["mobiledevice.passwordpolicy"]
        );
        assert!(near("Zebra", known).is_empty());
        assert!(near("", known).is_empty());
        assert_eq!(question(&["a", "b", "c"]), "Did you mean a, b or c?");
        assert_eq!(question(&[]), "");
    }
}
