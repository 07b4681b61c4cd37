//! Documents for the tests: by hand, from the catalogue, and of any shape that can be read.

use crate::wire::plist::any_value;
use pomona::catalog::{Form, catalog};
use pomona::model::Time;
use pomona::model::document::Stamp;
use pomona::wire::plist::{Dictionary, Limits, Value, parse, to_xml};
use pomona::wire::profile::{Document, Path, Place};
use proptest::collection::vec;
use proptest::prelude::*;

pub const TOP: &str = "<key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key>\
    <integer>1</integer><key>PayloadIdentifier</key><string>org.example.profile</string>\
    <key>PayloadUUID</key><string>TOP-1</string><key>PayloadDisplayName</key><string>Example</string>";

/// A profile of these payloads, each the inside of a `<dict>`.
pub fn profile(payloads: &[String]) -> Document {
    let payloads: String = payloads.iter().map(|p| format!("<dict>{p}</dict>")).collect();
    let text = format!("<plist><dict>{TOP}<key>PayloadContent</key><array>{payloads}</array></dict></plist>");
    Document::read(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The inside of a payload.
pub fn payload(kind: &str, uuid: &str, rest: &str) -> String {
    format!(
        "<key>PayloadType</key><string>{kind}</string><key>PayloadVersion</key><integer>1</integer>\
         <key>PayloadIdentifier</key><string>org.example.{uuid}</string>\
         <key>PayloadUUID</key><string>{uuid}</string>{rest}"
    )
}

/// A Wi-Fi network with a password, and a passcode of six.
pub fn office() -> Document {
    profile(&[
        payload(
            "com.apple.wifi.managed",
            "W-1",
            "<key>SSID_STR</key><string>Office</string><key>EncryptionType</key><string>WPA2</string>\
             <key>Password</key><string>plum tree</string>",
        ),
        payload(
            "com.apple.mobiledevice.passwordpolicy",
            "P-1",
            "<key>minLength</key><integer>6</integer><key>forcePIN</key><true/>",
        ),
    ])
}

pub fn place(text: &str) -> Place {
    Place::parse(text).unwrap()
}

pub fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub fn stamp(secs: i64, by: &str) -> Stamp {
    Stamp { at: Time::from_secs(secs), by: by.to_owned() }
}

/// Order, types and the sign of zero included: `PartialEq` of dictionaries ignores the order.
pub fn same(a: &Document, b: &Document) -> bool {
    format!("{:?}", a.body) == format!("{:?}", b.body)
}

/// Every place of a document, what holds something before what it holds.
pub fn places(document: &Document) -> Vec<Place> {
    let mut all = Vec::new();
    document.visit(&mut |at| {
        all.push(at.place());
        pomona::wire::profile::Step::Into
    });
    all
}

/// The payload of a form with every key set to a legal value.
pub fn sample(form: &Form, uuid: &str) -> Dictionary {
    let mut body = form.sample();
    for (key, value) in [("PayloadType", form.payload_type.as_str()), ("PayloadUUID", uuid)] {
        body.insert(key.to_owned(), text(value));
    }
    body.insert("PayloadIdentifier".to_owned(), text(&format!("org.example.{uuid}")));
    body.insert("PayloadVersion".to_owned(), Value::Integer(1.into()));
    body
}

/// A profile with these payload bodies.
pub fn with_bodies(bodies: Vec<Dictionary>) -> Document {
    let mut document = profile(&[]);
    let content = bodies.into_iter().map(Value::Dictionary).collect();
    document.body.insert("PayloadContent".to_owned(), Value::Array(content));
    document
}

/// Profiles of documented payloads with some of their keys.
pub fn documented() -> impl Strategy<Value = Document> {
    let forms = catalog().forms();
    let some = (0..forms.len(), vec(any::<bool>(), 16)).prop_map(move |(at, keep)| {
        let form = &forms[at];
        let mut body = sample(form, &format!("U{at}"));
        let mut number = 0;
        body.retain(|key, _| {
            number += 1;
            keep[number % keep.len()] || key.starts_with("Payload")
        });
        body
    });
    vec(some, 0..4).prop_map(with_bodies)
}

/// Profiles of any shape that can be read: unknown types, odd names, UUIDs that are missing, twice or no text.
pub fn any_document() -> impl Strategy<Value = Document> {
    let kind = prop_oneof![
        Just("com.apple.wifi.managed".to_owned()),
        Just("com.apple.applicationaccess".to_owned()),
        Just("com.apple.MCX".to_owned()),
        Just("org.example.unknown".to_owned()),
        "[a-z.:/~%#]{1,12}",
    ];
    let uuid = prop_oneof![
        Just(Some(text("A"))),
        Just(Some(text("a"))),
        Just(None),
        Just(Some(Value::Integer(7.into()))),
        "[A-Za-z0-9-]{1,12}".prop_map(|uuid| Some(Value::String(uuid))),
        "[#:/. ~a-c]{1,6}".prop_map(|uuid| Some(Value::String(uuid))),
    ];
    let name = prop_oneof![
        Just("SSID_STR".to_owned()),
        Just("Password".to_owned()),
        Just("EAPClientConfiguration".to_owned()),
        Just("allowCamera".to_owned()),
        Just("UserToken".to_owned()),
        "[a-z/~:%. é😀-]{0,8}",
    ];
    let entries = vec((name.clone(), any_value()), 0..6);
    let body = (kind, uuid, entries).prop_map(|(kind, uuid, entries)| {
        let mut body = Dictionary::from_iter(entries);
        body.insert("PayloadType".to_owned(), Value::String(kind));
        if let Some(uuid) = uuid {
            body.insert("PayloadUUID".to_owned(), uuid);
        }
        body
    });
    (vec(body, 0..5), vec((name, any_value()), 0..3)).prop_map(|(bodies, general)| {
        let mut document = with_bodies(bodies);
        for (key, value) in general {
            document.body.insert(key, value);
        }
        document
    })
}

/// The same document as another reader would have it.
pub fn reread(document: &Document) -> Document {
    Document { body: parse(&document.to_xml(), Limits::DEVICE).unwrap().into_dictionary().unwrap() }
}

/// What a place holds, in XML.
pub fn at(document: &Document, path: &str) -> String {
    document.get(&place(path)).map_or_else(String::new, |value| String::from_utf8(to_xml(value)).unwrap())
}

pub fn way(parts: &[&str]) -> Path {
    Path(parts.iter().map(|part| (*part).to_owned()).collect())
}
