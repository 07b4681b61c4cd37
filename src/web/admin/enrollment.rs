//! Enrollment links: list, new, one with its QR code, revoked.

use axum::response::Response;

use crate::actions::tickets::{self, Wish};
use crate::model::certificate::Purpose;
use crate::model::ticket::Ticket;
use crate::rules::access::Right;
use crate::store::{self, Read};
use crate::views::address::{self as at, DeviceTab};
use crate::views::admin::enrollment::{EnrollmentPage, LinkPage, LinkRevoke, LinkRow, NewLinkPage};
use crate::views::{Link, words};
use crate::web::ask::Ask;
use crate::web::fleet;
use crate::web::identity::{fresh_id, fresh_secret};
use crate::web::problem::Fault;
use crate::wire::Secret;

/// Devices shown on a link's page.
const DEVICES: usize = 200;

fn row(ticket: Ticket) -> LinkRow {
    LinkRow {
        id: ticket.id,
        label: if ticket.label.is_empty() { "Enrollment link".into() } else { ticket.label },
        by: ticket.by,
        created: ticket.created,
        expires: ticket.expires,
        max_uses: ticket.max_uses,
        uses: ticket.uses,
        serial: ticket.serial,
        revoked: ticket.revoked,
    }
}

/// `GET /profilemanager/enrollment`
pub(in crate::web) async fn list(ask: Ask) -> Result<Response, Fault> {
    let mut rows: Vec<LinkRow> = store::tickets::list(&ask.read()?)?.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.created));
    let content = EnrollmentPage { rows };
    ask.page(|page| content.render(page))
}

/// `GET /profilemanager/enrollment/new`
pub(in crate::web) async fn ask_new(ask: Ask) -> Result<Response, Fault> {
    let content = NewLinkPage {
        label: String::new(),
        hours: (24 * 7).to_string(),
        devices: String::new(),
        serial: String::new(),
        wrong: None,
    };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/enrollment/new`
pub(in crate::web) async fn make(ask: Ask) -> Result<Response, Fault> {
    let made = match wish(&ask) {
        Ok(wish) => new_ticket(&ask, wish).await,
        Err(fault) => Err(fault),
    };
    match made {
        Ok(ticket) => ask.done(&at::ticket(&ticket.id), "The link is ready. Open it on the device."),
        Err(fault) if fault.code.starts_with("link.") => {
            let wrong = fault.about(&[
                ("link.label", "label"),
                ("link.validity", "hours"),
                ("link.devices", "devices"),
                ("link.uses", "devices"),
                ("link.serial", "serial"),
            ]);
            let text = |name: &str| ask.said.fields.text(name).to_owned();
            let content = NewLinkPage {
                label: text("label"),
                hours: text("hours"),
                devices: text("devices"),
                serial: text("serial"),
                wrong: Some(wrong),
            };
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

fn wish(ask: &Ask) -> Result<Wish, Fault> {
    let fields = &ask.said.fields;
    let hours = fields.some("hours").map(str::parse::<i64>).transpose();
    let hours = hours.map_err(|_| Fault::new("link.validity", "The time is no number of hours."))?;
    let max_uses = fields.some("devices").map(str::parse::<u32>).transpose();
    let max_uses = max_uses.map_err(|_| Fault::new("link.devices", "The number of devices is no number."))?;
    Ok(Wish {
        label: fields.text("label").to_owned(),
        valid_secs: hours.map(|h| h.saturating_mul(3600)),
        max_uses,
        serial: fields.some("serial").map(str::to_owned),
    })
}

/// Makes a link with a fresh secret.
pub(in crate::web) async fn new_ticket(ask: &Ask, wish: Wish) -> Result<Ticket, Fault> {
    let (token, _) = fresh_secret(&ask.app, "");
    let (id, token) = (fresh_id(&ask.app), Secret::from(token));
    ask.act(move |w, by, now| tickets::make(w, by, &wish, id, token, now)).await
}

/// `GET /profilemanager/enrollment/{id}`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let view = ask.read()?;
    let ticket = tickets::known(&view, ask.part("id"))?;
    let url = (ask.may(Right::Enroll) && ticket.is_open(ask.now))
        .then(|| ticket.token.expose_str().map(|token| ask.app.site.enroll_url(token)))
        .flatten();
    let devices = if ticket.uses == 0 { Vec::new() } else { enrolled_by(&ask, &view, &ticket).await? };
    let content = LinkPage { link: row(ticket), url, devices };
    ask.page(|page| content.render(page))
}

/// Devices whose present certificate was issued through this link.
async fn enrolled_by(ask: &Ask, view: &Read, ticket: &Ticket) -> Result<Vec<Link>, Fault> {
    let devices = fleet::snapshot(&ask.app).await?;
    let mut found = Vec::new();
    for entry in &devices.entries {
        if found.len() == DEVICES {
            break;
        }
        let certificate = store::enrollments::get(view, &entry.id)?.and_then(|e| e.certificate);
        let Some(fingerprint) = certificate else { continue };
        let Some(certificate) = store::certificates::get(view, &fingerprint)? else { continue };
        if matches!(&certificate.purpose, Purpose::Portal { ticket: by, .. } if *by == ticket.id) {
            found.push(Link { label: entry.name.clone(), href: at::device(&entry.id, DeviceTab::About) });
        }
    }
    Ok(found)
}

/// `GET /profilemanager/enrollment/{id}/revoke`
pub(in crate::web) async fn ask_revoke(ask: Ask) -> Result<Response, Fault> {
    let content = LinkRevoke { link: row(tickets::known(&ask.read()?, ask.part("id"))?) };
    ask.page(|page| content.render(page))
}

/// `POST /profilemanager/enrollment/{id}/revoke`
pub(in crate::web) async fn revoke(ask: Ask) -> Result<Response, Fault> {
    let id = ask.part("id").to_owned();
    let ticket = ask.act(move |w, by, now| tickets::revoke(w, by, &id, now)).await?;
    let used = words::count(u64::from(ticket.uses), "device", "devices");
    ask.done(at::ENROLLMENT, format!("The link is revoked. It was used by {used}."))
}
