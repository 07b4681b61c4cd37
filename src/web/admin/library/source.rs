//! A profile as text: shown, and edited.

use axum::response::Response;

use crate::actions::drafts;
use crate::model::document::Change;
use crate::rules::{Refusal, secrets};
use crate::views::address::{self as at, ProfileTab};
use crate::views::admin::library::source::{ProfileSource, SourceEditPage, TextFault};
use crate::web::admin::profile::{head, opened};
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::profile::Document;

fn text(document: &Document) -> String {
    String::from_utf8_lossy(&secrets::redacted(document).to_xml()).into_owned()
}

/// `GET /profilemanager/profiles/{id}/source`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let content = ProfileSource { xml: text(&open.document), head };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/profiles/{id}/source/edit`
pub(in crate::web) async fn ask_edit(ask: Ask) -> Result<Response, Fault> {
    let (head, open) = opened(&ask).await?;
    let version = open.draft.as_ref().map_or(0, |d| d.version);
    let content = SourceEditPage { xml: text(&open.document), version, fault: None, head };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/profiles/{id}/source/edit`
pub(in crate::web) async fn edit(ask: Ask) -> Result<Response, Fault> {
    let xml = ask.said.fields.text("xml").replace("\r\n", "\n");
    let version: u64 = ask
        .said
        .fields
        .text("version")
        .parse()
        .map_err(|_| Fault::new("body.form", "The form does not say which draft it was taken from."))?;
    match keep(&ask, xml.trim_start(), version).await {
        Ok(()) => {
            let to = at::profile(ask.part("id"), ProfileTab::Source);
            ask.done(&to, "The text is saved as a draft. Nothing is sent before you publish it.")
        }
        Err(fault) if fault.status.is_client_error() && fault.code.starts_with("profile.") => {
            let head = head(&ask).await?;
            let now = head.draft.as_ref().map_or(0, |d| d.version);
            let moved = fault.code == "profile.draft-moved";
            let content = SourceEditPage {
                fault: Some(TextFault { line: line(&fault.said), said: said(&fault) }),
                // Sent again, it replaces what the other did: the person has read that they did.
                version: if moved { now } else { version },
                xml,
                head,
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

fn said(fault: &Fault) -> String {
    match fault.code {
        "profile.draft-moved" => format!(
            "{} Your text is kept below. Look at their draft in another window, then save yours to replace it, or cancel.",
            fault.said
        ),
        _ => fault.said.clone(),
    }
}

/// The line that a reader of property lists names.
fn line(said: &str) -> Option<u32> {
    let (_, after) = said.split_once("line ")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

async fn keep(ask: &Ask, xml: &str, version: u64) -> Result<(), Fault> {
    let (store, by, now) = (ask.app.store.clone(), ask.actor()?, ask.now);
    let (id, xml) = (ask.part("id").to_owned(), xml.to_owned());
    let work = tokio::task::spawn_blocking(move || {
        let mut edited = Document::read(xml.as_bytes()).map_err(|malformed| {
            let reason = malformed.reason.trim_end_matches('.').to_owned();
            Refusal::invalid("profile.unreadable", format!("This is no profile yet: {reason}."))
        })?;
        let open = drafts::open(&store.read()?, &id)?;
        let there = open.draft.as_ref().map_or(0, |d| d.version);
        if there != version {
            let by = open.draft.as_ref().map_or("Somebody", |d| d.edited.by.as_str());
            let said = format!("{by} changed the draft, or published it, since you took the text.");
            return Err(Fault::from(Refusal::conflict("profile.draft-moved", said)));
        }
        secrets::restore(&mut edited, &open.document);
        let changes = [Change::Replace { document: edited, was: None }];
        let edit = drafts::edit(&store.read()?, &by, &id, &changes, None, now)?;
        // If another comes between, the writer refuses, and the person is asked.
        store.write_blocking(move |w| drafts::keep(w, &by, edit, now))?;
        Ok(())
    });
    work.await.map_err(|_| Fault::panicked())?
}
