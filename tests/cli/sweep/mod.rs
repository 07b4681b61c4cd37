//! Every form that Apple documents, from the editor's door to a device and back: each key with a legal value, made and
//! published through the API, installed on pretend devices over the real protocol, read off their shelves and equal;
//! and each key with an illegal value, told at its place.

mod cover;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use pomona::catalog::{Form, Kind, catalog};
use pomona::cli::Client;
use pomona::rules::check;
use pomona::simulator::fleet::Member;
use pomona::wire::api::{
    AboutDevice, AboutInfo, Assignment, DraftInfo, Edit, Given, Hidden, NewProfile, ProfileInfo,
    PublishDraft, Tree,
};
use pomona::wire::plist::{Dictionary, Value};
use pomona::wire::profile;

use super::server::{Shared, boot};

/// A profile with more keys than this is sent as a text and not key by key.
const KEY_BY_KEY: usize = 40;
/// What every payload has beside the keys of its form.
const COMMON: [&str; 5] =
    ["PayloadDisplayName", "PayloadIdentifier", "PayloadType", "PayloadUUID", "PayloadVersion"];

struct Sweep {
    client: Client,
    devices: Vec<Arc<Member>>,
    serials: Vec<String>,
    made: usize,
}

impl Sweep {
    async fn new(server: &Shared) -> Self {
        let (mut devices, mut serials) = (Vec::new(), Vec::new());
        for member in server.fleet.as_ref().expect("a fleet").members() {
            let device = member.device.lock().await;
            if device.is_enrolled() {
                serials.push(device.portrait.serial.clone());
                drop(device);
                devices.push(member.clone());
            }
        }
        assert!(devices.len() >= 4, "one of each family");
        let client = Client::socket(&server.data.join("pomona.sock"));
        // Examples have variables, which need values.
        for serial in &serials {
            let about = AboutDevice {
                short_name: Some("ada".into()),
                full_name: Some("Ada Lovelace".into()),
                email: Some("ada@example.org".into()),
                ..AboutDevice::default()
            };
            let address = format!("/api/v1/devices/{serial}/about");
            client.post::<AboutInfo>(&address, &about).await.expect("an owner");
        }
        Self { client, devices, serials, made: 0 }
    }

    /// A draft with one payload of this form.
    async fn draft(&mut self, form: &Form, body: &Dictionary) -> (ProfileInfo, DraftInfo) {
        self.made += 1;
        let identifier = format!("org.example.sweep.n{}", self.made);
        let uuid = format!("0B1E7A00-0000-4000-8000-{:012}", self.made);
        let add = Edit::Add { form: form.id.clone(), uuid: Some(uuid.clone()) };
        let mut changes = vec![add];
        if body.len() <= KEY_BY_KEY {
            changes.extend(body.iter().map(|(key, value)| Edit::Set {
                place: format!("{uuid}:{}", profile::Path(vec![key.clone()])),
                given: Given { value: Some(Tree::of(value)), ..Given::default() },
                was: None,
            }));
        }
        let name = format!("{} {}", form.label, self.made);
        let new = NewProfile { name, identifier: Some(identifier), changes };
        let made: ProfileInfo = self.client.post("/api/v1/profiles", &new).await.expect(&form.id);
        let address = format!("/api/v1/profiles/{}/draft", made.id);
        let mut draft: DraftInfo = self.client.get(&address).await.expect(&form.id);
        if body.len() > KEY_BY_KEY {
            let mut document = profile::Document::read(draft.xml.as_bytes()).expect("a document");
            let Some(Value::Array(payloads)) = document.body.get_mut("PayloadContent") else { panic!() };
            let Value::Dictionary(payload) = &mut payloads[0] else { panic!() };
            for (key, value) in body {
                payload.insert(key.clone(), value.clone());
            }
            let xml = Hidden::new(String::from_utf8(document.to_xml()).expect("text"));
            let edit = serde_json::json!({ "changes": [Edit::Replace { xml }] });
            let saved: pomona::wire::api::DraftSaved =
                self.client.post(&address, &edit).await.expect(&form.id);
            draft = saved.draft;
        }
        (made, draft)
    }
}

/// One profile that was published, and where it shall be.
struct Sent {
    form: &'static Form,
    body: Dictionary,
    profile: ProfileInfo,
    device: usize,
}

async fn publish_all(sweep: &mut Sweep) -> (Vec<Sent>, usize) {
    let (mut sent, mut covered) = (Vec::new(), 0);
    for form in catalog().forms() {
        if form.internal {
            let add = Edit::Add { form: form.id.clone(), uuid: None };
            let new = NewProfile { name: form.label.clone(), identifier: None, changes: vec![add] };
            let refused = sweep.client.post::<ProfileInfo>("/api/v1/profiles", &new).await;
            assert_eq!(refused.expect_err(&form.id).code.as_deref(), Some("profile.mdm"), "{}", form.id);
            continue;
        }
        covered += cover::keys(form).len();
        for body in cover::bodies(form) {
            let (made, draft) = sweep.draft(form, &body).await;
            assert!(draft.publishable, "{}: {:?}", form.id, draft.findings);
            assert_eq!(draft.payloads[0].form.as_deref(), Some(form.id.as_str()), "another form is shown");
            let wish = PublishDraft { version: draft.version, note: "sweep".into() };
            let profile: ProfileInfo = sweep
                .client
                .post(&format!("/api/v1/profiles/{}/publish", made.id), &wish)
                .await
                .unwrap_or_else(|e| panic!("{}: {e}", form.id));
            let device = sent.len() % sweep.devices.len();
            let to = Assignment { devices: vec![sweep.serials[device].clone()], everyone: false };
            let assign = format!("/api/v1/profiles/{}/assign", made.id);
            sweep.client.post::<ProfileInfo>(&assign, &to).await.expect("assigned");
            sent.push(Sent { form, body, profile, device });
        }
    }
    (sent, covered)
}

/// The device holds the payload as it was written, and the library gives out the same.
async fn arrived(sweep: &Sweep, sent: &Sent) {
    let id = &sent.form.id;
    let body = sweep.devices[sent.device]
        .device
        .lock()
        .await
        .profile(&sent.profile.identifier)
        .map(|profile| profile.body.clone())
        .unwrap_or_else(|| panic!("{id}: not installed"));
    let Some(Value::Array(payloads)) = body.get("PayloadContent") else { panic!("{id}: no payloads") };
    let mut payload = payloads[0].as_dictionary().expect("a payload").clone();
    assert_eq!(payload["PayloadType"].as_string(), Some(sent.form.payload_type.as_str()));
    for common in COMMON {
        assert!(payload.remove(common).is_some() || common == "PayloadDisplayName", "{id}: no {common}");
    }
    let keys = |of: &Dictionary| of.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&payload), keys(&sent.body), "{id}: other keys arrived");
    let serial = &sweep.serials[sent.device];
    let file = |query: String| {
        let address = format!("/api/v1/profiles/{}/file{query}", sent.profile.id);
        async move { sweep.client.raw(Method::GET, &address, "", "".into()).await.expect("a file") }
    };
    let plain = profile::parse(&file(String::new()).await).expect("a profile").body;
    let for_device = profile::parse(&file(format!("?device={serial}")).await).expect("a profile").body;
    assert!(for_device == body, "{id}: the file for the device is another");
    if sent.profile.variables.is_empty() {
        assert!(plain == body, "{id}: the file is another");
    } else {
        assert!(plain != body, "{id}: its variables are not filled");
    }
    let Some(Value::Array(published)) = plain.get("PayloadContent") else { panic!("{id}: no payloads") };
    for (key, value) in &sent.body {
        let published = published[0].as_dictionary().and_then(|payload| payload.get(key));
        assert!(published == Some(value), "{id}: {key} was published changed");
        let filled = !sent.profile.variables.is_empty() || payload.get(key) == Some(value);
        assert!(filled, "{id}: {key} arrived changed");
    }
}

#[test]
fn every_form_with_every_key_set_reaches_a_device_as_it_was_written() {
    let server = boot();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let mut sweep = Sweep::new(&server).await;
        let (sent, covered) = publish_all(&mut sweep).await;
        assert!(catalog().forms().len() >= 126, "forms");
        assert!(covered > 2_200, "{covered} keys");
        let began = Instant::now();
        loop {
            let mut missing = Vec::new();
            for sent in &sent {
                let device = sweep.devices[sent.device].device.lock().await;
                if device.profile(&sent.profile.identifier).is_none() {
                    missing.push(&sent.profile.name);
                }
            }
            if missing.is_empty() {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "never arrive: {missing:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for sent in &sent {
            arrived(&sweep, sent).await;
        }
    });
}

/// Every value that has none below it is illegal; a key that takes any value stays as it is.
fn all_wrong(form: &Form) -> (Dictionary, BTreeSet<String>) {
    let mut body = Value::Dictionary(form.sample());
    let mut places = BTreeSet::new();
    for (way, key) in cover::keys(form) {
        let Some(there) = cover::get(&body, &way) else { continue };
        let is_full = match there {
            Value::Dictionary(entries) => !entries.is_empty(),
            Value::Array(items) => !items.is_empty(),
            _ => false,
        };
        if let Some((wrong, _)) = key.bad_sample().filter(|_| !is_full) {
            cover::set(&mut body, &way, wrong);
            places.insert(profile::Path(way).to_string());
        }
    }
    (body.into_dictionary().expect("a dictionary"), places)
}

#[test]
fn every_illegal_value_is_told_at_its_place() {
    let server = boot();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut told = 0;
    runtime.block_on(async {
        let mut sweep = Sweep::new(&server).await;
        for form in catalog().forms().iter().filter(|form| !form.internal) {
            let (body, places) = all_wrong(form);
            let (made, draft) = sweep.draft(form, &body).await;
            let payload = &draft.payloads[0].id;
            for place in &places {
                let place = format!("{payload}:{place}");
                let finding = draft.findings.iter().find(|f| f.place == place && f.code == "profile.value");
                let finding =
                    finding.unwrap_or_else(|| panic!("{}: {place} is taken: {:?}", form.id, draft.findings));
                assert_eq!(finding.weight, "error");
            }
            told += places.len();
            assert!(!draft.publishable || places.is_empty(), "{}", form.id);
            let wish = PublishDraft { version: draft.version, note: String::new() };
            let address = format!("/api/v1/profiles/{}/publish", made.id);
            if !places.is_empty() {
                let refused = sweep.client.post::<ProfileInfo>(&address, &wish).await.expect_err(&form.id);
                assert_eq!(refused.code.as_deref(), Some("profile.not-ready"), "{}", form.id);
            }
        }
    });
    // Lists and dictionaries of another type, one at a time: a wrong one hides what is in it.
    for form in catalog().forms().iter().filter(|form| !form.internal) {
        let sample = Value::Dictionary(form.sample());
        for (way, key) in cover::keys(form) {
            if !matches!(key.kind, Kind::Array | Kind::Dictionary) || cover::get(&sample, &way).is_none() {
                continue;
            }
            let mut body = sample.clone();
            cover::set(&mut body, &way, Value::String("text".into()));
            let (document, payload) = cover::document_with(form, body.as_dictionary().expect("one"));
            let place = way.iter().fold(payload, |place, part| place.then(part));
            let found = check::check(&document);
            assert!(
                found.iter().any(|f| f.place == place && f.code == "profile.value"),
                "{}: {place} is taken: {found:?}",
                form.id
            );
            told += 1;
        }
    }
    assert!(told > 2_100, "{told} illegal values");
}

/// For tests/browser: a file for each form, with as many keys as one payload can have.
#[test]
#[ignore = "writes files for tests/browser/run"]
fn write_the_forms() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/sweep");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (number, form) in catalog().forms().iter().filter(|form| !form.internal).enumerate() {
        let (mut document, _) = cover::document_with(form, &cover::bodies(form)[0]);
        let mut put = |key: &str, value: String| drop(document.body.insert(key.into(), Value::String(value)));
        put("PayloadIdentifier", format!("org.example.form.n{number}"));
        put("PayloadDisplayName", form.label.clone());
        let name: String = form
            .id
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' })
            .collect();
        std::fs::write(folder.join(format!("{name}.mobileconfig")), document.to_xml()).expect("written");
    }
}
