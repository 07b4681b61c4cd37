//! Bringing profiles in.

use axum::response::Response;

use crate::actions::drafts;
use crate::actions::profiles::{self, Draft, Outcome};
use crate::rules::summary;
use crate::store;
use crate::views::address::{self as at};
use crate::views::admin::library::import::{ImportPage, ImportedPage, ImportedProfile};
use crate::views::form::Wrong;
use crate::views::words::count;
use crate::views::{Toast, Tone};
use crate::web::ask::Ask;
use crate::web::identity::fresh_id;
use crate::web::problem::Fault;

/// Files of one form.
const AT_ONCE: usize = 50;

/// `GET /profilemanager/profiles/import`
pub(in crate::web) async fn ask_import(ask: Ask) -> Result<Response, Fault> {
    ask.page(|page| ImportPage::default().render(page))
}

/// `POST /profilemanager/profiles/import`
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    let fields = &ask.said.fields;
    let mut files: Vec<(String, Vec<u8>)> =
        fields.files("profile").take(AT_ONCE).map(|f| (f.name.clone(), f.bytes.to_vec())).collect();
    if let Some(text) = fields.some("paste") {
        files.push(("the pasted text".into(), text.as_bytes().to_vec()));
    }
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    if files.is_empty() {
        refused.push((String::new(), Fault::new("profile.no-file", "No file was chosen, or it is empty.")));
    }
    let several = files.len() > 1;
    for (name, file) in files {
        match bring_in(&ask, file).await {
            Ok(brought) => done.push(brought),
            Err(fault) if fault.status.is_client_error() => refused.push((name, fault)),
            Err(fault) => return Err(fault),
        }
    }
    let told = |(name, fault): &(String, Fault)| {
        if several { format!("{name}: {}", fault.said) } else { fault.said.clone() }
    };
    let said: Vec<String> = refused.iter().map(told).collect();
    if done.is_empty() {
        let fault = refused.remove(0).1;
        let content = ImportPage {
            paste: fields.text("paste").to_owned(),
            wrong: Some(Wrong { said: said.join(" "), field: Some("profile".into()) }),
        };
        return ask.again(&fault, |page| content.render(page));
    }
    let mut text = match done.as_slice() {
        [(p, Outcome::Created)] => format!("“{}” is in the library.", p.name),
        [(p, Outcome::Revised)] => format!("“{}” is now revision {}.", p.name, p.revision),
        [(p, Outcome::Unchanged)] => format!("“{}” is in the library already, just so.", p.name),
        many => format!("{} imported.", count(many.len() as u64, "profile is", "profiles are")),
    };
    if !said.is_empty() {
        text.push_str(&format!(" Not imported: {}", said.join(" ")));
    }
    let ids: Vec<(&str, &str)> = done.iter().map(|(p, _)| ("id", p.id.as_str())).collect();
    let tone = if said.is_empty() { Tone::Ok } else { Tone::Warn };
    ask.done_with(&at::with_query(at::PROFILES_IMPORTED, &ids), Toast { tone, text, undo: None })
}

/// Reads a file off the async threads (a signature is verified) and puts it into the library.
pub(in crate::web) async fn bring_in(
    ask: &Ask,
    file: Vec<u8>,
) -> Result<(crate::model::profile::Profile, Outcome), Fault> {
    let store = ask.app.store.clone();
    let read = tokio::task::spawn_blocking(move || {
        let draft = Draft::read(&file)?;
        let same = profiles::unchanged(&store.read()?, &draft)?;
        Ok::<_, Fault>((draft, same))
    });
    let (draft, same) = read.await.map_err(|_| Fault::panicked())??;
    if let Some(profile) = same {
        return Ok((profile, Outcome::Unchanged));
    }
    let id = fresh_id(&ask.app);
    let imported = ask.act(move |w, by, now| profiles::import(w, by, &draft, id, now)).await?;
    Ok(imported)
}

/// `GET /profilemanager/profiles/imported?id=`
pub(in crate::web) async fn imported(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let mut reports = Vec::new();
    for id in ask.said.query.all("id").take(AT_ONCE) {
        let Some(profile) = store::profiles::get(&view, id)? else { continue };
        let document = match profile.revision {
            0 => drafts::open(&view, id)?.document,
            n => drafts::revision(&view, id, n)?,
        };
        let known = summary::understood(&document);
        let assigned = profile.everyone || !store::profiles::assigned_to(&view, id)?.is_empty();
        reports.push(ImportedProfile {
            sentences: summary::sentences(&document),
            keys: known.keys as u64,
            payloads: known.payloads as u64,
            raw_payloads: known.raw_payloads,
            raw_keys: known.raw_keys,
            deprecated: known.deprecated,
            secrets: known.secrets as u64,
            signed_by: profile.signed_by,
            id: profile.id,
            name: profile.name,
            revision: profile.revision,
            assigned,
        });
    }
    let content = ImportedPage { profiles: reports };
    ask.page(|page| content.render(page))
}
