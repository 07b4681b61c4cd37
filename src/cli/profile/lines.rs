//! On which line of a text file each value of a property list stands.

use std::collections::BTreeMap;

/// Lines from 1 of the values of an XML property list that was read without errors, by their way from the root.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeMap<Vec<String>, u32>);

/// A container that is open.
enum Open {
    /// The key that was read last.
    Dictionary(String),
    /// The position of the next item.
    Array(usize),
}

impl Lines {
    /// Looks through the text. What is no XML gives no lines.
    pub(super) fn of(text: &str) -> Self {
        let mut lines = Self::default();
        let mut open: Vec<Open> = Vec::new();
        let (mut rest, mut line) = (text, 1u32);
        while let Some(start) = rest.find('<') {
            line += newlines(&rest[..start]);
            rest = &rest[start..];
            let end = match rest {
                _ if rest.starts_with("<!--") => rest.find("-->").map(|at| at + 3),
                _ if rest.starts_with("<![CDATA[") => rest.find("]]>").map(|at| at + 3),
                _ => rest.find('>').map(|at| at + 1),
            };
            let Some(end) = end else { break };
            let (tag, after) = rest.split_at(end);
            let name = tag.trim_matches(['<', '>', '/']).split_whitespace().next().unwrap_or_default();
            let closes = tag.starts_with("</");
            let (ends, at) = (tag.ends_with("/>"), line);
            line += newlines(tag);
            rest = after;
            match name {
                _ if tag.starts_with("<!") || tag.starts_with("<?") => {}
                "plist" => {}
                "key" if !closes => {
                    let text = &rest[..rest.find("</key>").unwrap_or(0)];
                    if let Some(Open::Dictionary(key)) = open.last_mut() {
                        *key = plain(text);
                    }
                }
                "key" => {}
                "dict" | "array" if closes => {
                    open.pop();
                    step(&mut open);
                }
                "dict" | "array" => {
                    lines.note(&open, at);
                    if ends {
                        step(&mut open);
                    } else if name == "dict" {
                        open.push(Open::Dictionary(String::new()));
                    } else {
                        open.push(Open::Array(0));
                    }
                }
                _ if closes => step(&mut open),
                _ => {
                    lines.note(&open, at);
                    if ends {
                        step(&mut open);
                    }
                }
            }
        }
        lines
    }

    fn note(&mut self, open: &[Open], line: u32) {
        let way = open.iter().map(|open| match open {
            Open::Dictionary(key) => key.clone(),
            Open::Array(position) => position.to_string(),
        });
        self.0.insert(way.collect(), line);
    }

    /// The line of a value, or of the nearest container around it that is there.
    pub(super) fn at(&self, way: &[String]) -> Option<u32> {
        (0..=way.len()).rev().find_map(|length| self.0.get(&way[..length]).copied())
    }
}

/// After a value the next item of an array is due.
fn step(open: &mut [Open]) {
    if let Some(Open::Array(position)) = open.last_mut() {
        *position += 1;
    }
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// The text of a key: names of entities are few.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_they_stand() {
        let text = "<?xml version=\"1.0\"?>\n<!-- a <dict>\n -->\n<plist version=\"1.0\"><dict>\n<key>A &amp; B</key>\n<array>\n<true/>\n\
                    <dict>\n<key>x</key>\n<string>one\ntwo</string>\n</dict>\n</array>\n<key>e</key><array/>\n<key>last</key>\n\
                    <integer>1</integer>\n</dict></plist>\n";
        let lines = Lines::of(text);
        let at = |way: &[&str]| lines.at(&way.iter().map(|part| part.to_string()).collect::<Vec<_>>());
        assert_eq!(at(&[]), Some(4));
        assert_eq!(at(&["A & B", "0"]), Some(7));
        assert_eq!(at(&["A & B", "1", "x"]), Some(10));
        assert_eq!(at(&["A & B", "1", "missing", "deeper"]), Some(8));
        assert_eq!(at(&["last"]), Some(16));
        assert_eq!(Lines::of("no list at all <").at(&[]), None);
    }
}
