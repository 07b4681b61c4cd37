//! Texts come from devices, files and strangers: whatever they hold, they stay texts.

use std::fs;
use std::path::Path;

use super::gallery;
use super::html::{Tag, read};

/// What attackers type into names, serial numbers, profile names and answers of devices.
fn corpus() -> Vec<String> {
    let mut all: Vec<String> = [
        "<script>alert(1)</script>",
        "</title><script>alert(1)</script>",
        "</textarea></style></noscript></template></iframe><img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' autofocus onfocus='alert(1)",
        "\" autofocus onfocus=\"alert(1)",
        "\" style=\"position:fixed",
        "<!-- <img src=x onerror=alert(1)> -->",
        "--><script>alert(1)</script><!--",
        "]]><x xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)",
        "&quot;><script>alert(1)</script>",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.example/x",
        "\\\\evil.example\\x",
        "../../../signout",
        "?csrf=1&x=<y>",
        "#main\"onclick=\"alert(1)",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<math><mtext></mtext><mglyph><style></math><img src onerror=alert(1)>",
        "<svg><animate onbegin=alert(1) attributeName=x>",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "<form action=//evil.example><button>x",
        "<input name=csrf value=x>",
        "\u{202e}gpj.exe\u{202c}",
        "\u{0}<\u{0}script>alert(1)</script>",
        "\r\nSet-Cookie: x=y\r\n\r\n<script>alert(1)</script>",
        "\u{1b}[2J\u{1b}[1;1H<b>",
        "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
        "＜script＞alert(1)＜/script＞",
        "{{7*7}}${7*7}<%= 7*7 %>#{7*7}",
        "=cmd|'/c calc'!A1",
        "𝒜𝒹𝒶 \u{feff}\u{200b}\u{2028}\u{2029}",
        "\u{fffd}\u{10ffff}",
    ]
    .map(String::from)
    .into();
    for event in [
        "onclick",
        "onerror",
        "onload",
        "onfocus",
        "onmouseover",
        "ontoggle",
        "onpointerenter",
        "onanimationstart",
    ] {
        for quote in ["\"", "'", "`", "", "&quot;", "&#39;", "&#x22;"] {
            all.push(format!("x{quote} {event}={quote}alert(1){quote} y={quote}"));
            all.push(format!("{quote}/><img/src/{event}={quote}alert(1)//"));
        }
    }
    for element in [
        "script", "img", "svg", "iframe", "object", "embed", "link", "style", "video", "details", "marquee",
        "template",
    ] {
        all.push(format!("<{element} src=x onerror=alert(1) onload=alert(1) ontoggle=alert(1) open>"));
        all.push(format!("</{element}><{element}>"));
        all.push(format!("<{}/x onload=alert(1)>", element.to_uppercase()));
        all.push(format!("<\n{element}\n onload\n=alert(1)>"));
    }
    all.push("<".repeat(200));
    all.push("&".repeat(200));
    all.push("\"".repeat(200));
    all.push("W".repeat(300));
    all
}

/// Elements with the names of their attributes: what no text may change.
fn structure(page: &str) -> Result<Vec<(String, Vec<String>)>, String> {
    let names = |tag: Tag| (tag.name, tag.attributes.into_iter().map(|(n, _)| n).collect());
    Ok(read(page)?.into_iter().map(names).collect())
}

type Pages = Vec<(String, String)>;

fn same_structure(pages: fn(gallery::Say) -> Pages, attacks: &[String]) {
    let plain: Vec<_> = pages(&|_| "plain".into())
        .into_iter()
        .map(|(name, page)| structure(&page).unwrap_or_else(|e| panic!("{name}: {e}")))
        .collect();
    for attack in attacks {
        for ((name, page), before) in pages(&|_| attack.clone()).iter().zip(&plain) {
            let after = structure(page).unwrap_or_else(|e| panic!("{name} with {attack:?}: {e}"));
            let differs = after.iter().zip(before).position(|(a, b)| a != b);
            assert!(
                differs.is_none() && after.len() == before.len(),
                "{name} with {attack:?}: at {differs:?}"
            );
        }
    }
}

#[test]
fn no_text_becomes_an_element_or_attribute() {
    let corpus = corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    same_structure(gallery::few, &corpus);
}

#[test]
fn no_field_of_any_page_in_any_state_lets_one_through() {
    // Many attacks in one text: the reader stops at the first that breaks out.
    let together: Vec<String> = corpus().chunks(24).map(|some| some.join(" ")).collect();
    same_structure(gallery::all, &together);
}

#[test]
fn every_address_in_a_page_stays_on_this_server() {
    for attack in ["javascript:alert(1)", "//evil.example", "\\\\evil", "https://evil.example/", "plain"] {
        for (name, page) in gallery::all(&|_| attack.into()) {
            for tag in read(&page).expect("page") {
                for attribute in ["href", "src", "action", "formaction"] {
                    let Some(value) = tag.get(attribute) else { continue };
                    let stays =
                        value.starts_with('#') || (value.starts_with('/') && !value.starts_with("//"));
                    assert!(stays && !value.contains('\\'), "{name}: {attribute}={value}");
                }
            }
        }
    }
}

#[test]
fn nothing_gets_into_a_page_unescaped_by_design() {
    fn walk(dir: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if fs::read_to_string(&path).expect("source").contains("PreEscaped") {
                found.push(path.display().to_string());
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.is_empty(), "markup is escaped everywhere, see views: {found:?}");
}
