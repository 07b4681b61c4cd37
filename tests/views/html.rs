//! A strict reader of our own pages: it accepts what the pages should be made of and nothing else, so that markup
//! which slipped in through a text is either a difference in structure or an error.

/// An element's start in document order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Element name.
    pub name: String,
    /// Attributes with their values, entities resolved.
    pub attributes: Vec<(String, String)>,
    /// Text directly after the start tag, up to the next tag.
    pub text: String,
}

impl Tag {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

const VOID: [&str; 7] = ["meta", "link", "input", "br", "hr", "img", "wbr"];

/// Every start tag, or what is wrong with the document.
pub fn read(page: &str) -> Result<Vec<Tag>, String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let (mut tags, mut open) = (Vec::<Tag>::new(), Vec::<String>::new());
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        if text.contains('>') {
            return Err(format!("a bare > in the text {text:?}"));
        }
        rest = &rest[at + 1..];
        if let Some(closing) = rest.strip_prefix('/') {
            let end = closing.find('>').ok_or("end tag without end")?;
            let name = &closing[..end];
            if open.pop().as_deref() != Some(name) {
                return Err(format!("</{name}> closes something else"));
            }
            rest = &closing[end + 1..];
            continue;
        }
        let (tag, after) = start_tag(rest)?;
        if !VOID.contains(&tag.name.as_str()) {
            open.push(tag.name.clone());
        }
        rest = after;
        let text = unescape(&rest[..rest.find('<').unwrap_or(rest.len())])?;
        tags.push(Tag { text, ..tag });
    }
    if open.is_empty() { Ok(tags) } else { Err(format!("never closed: {open:?}")) }
}

fn start_tag(text: &str) -> Result<(Tag, &str), String> {
    let end = text
        .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()))
        .ok_or("start tag without end")?;
    if end == 0 {
        return Err(format!("no element begins with {:?}", text.chars().take(20).collect::<String>()));
    }
    let mut tag = Tag { name: text[..end].into(), attributes: Vec::new(), text: String::new() };
    let mut rest = &text[end..];
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            return Ok((tag, after));
        }
        rest = rest
            .strip_prefix(' ')
            .ok_or_else(|| format!("in <{}>: {:?}", tag.name, rest.chars().take(20).collect::<String>()))?;
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':'))
            .filter(|end| *end > 0)
            .ok_or("an attribute without name")?;
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let end = quoted.find('"').ok_or("an attribute without end")?;
            value = unescape(&quoted[..end])?;
            rest = &quoted[end + 1..];
        }
        if tag.attributes.iter().any(|(n, _)| *n == name) {
            return Err(format!("<{}> has {name} twice", tag.name));
        }
        tag.attributes.push((name, value));
    }
}

fn unescape(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (entity, c) = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"')]
            .into_iter()
            .find(|(e, _)| rest.starts_with(e))
            .ok_or_else(|| format!("a bare & in {text:?}"))?;
        out.push(c);
        rest = &rest[entity.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[test]
fn the_reader_refuses_what_the_pages_must_not_hold() {
    for bad in [
        "<p>",
        "<p>a > b</p>",
        "<p>&nbsp;</p>",
        "<p a=b></p>",
        "<P></P>",
        "<p><b></p></b>",
        "<p a=\"1\" a=\"2\"></p>",
    ] {
        assert!(read(&format!("<!DOCTYPE html>{bad}")).is_err(), "{bad}");
    }
    let good = read("<!DOCTYPE html><p id=\"a&quot;\">x &lt; y<br></p>").expect("good");
    assert_eq!(good[0].get("id"), Some("a\""));
    assert_eq!(good[0].text, "x < y");
}
