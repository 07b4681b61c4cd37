//! What every page needs besides its own matter, and the way from one page to the next.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::identity::Caller;
use crate::actions::push_certificate;
use crate::model::Time;
use crate::rules::access::{Right, allowed};
use crate::store;
use crate::views::{self, Banner, Link, Me, Tone, address as at};

/// The frame of a page. When the store cannot be read the page is shown without what it would have told.
pub(super) fn frame(app: &App, caller: Option<&Caller>, path: &str, now: Time, csrf: String) -> views::Page {
    let view = app.store.read().ok();
    let settings = view.as_ref().and_then(|v| store::settings::get(v).ok().flatten());
    let person = caller.and_then(|c| c.person.as_ref());
    let me = person.map(|p| Me {
        name: p.account.name.clone(),
        full_name: p.account.full_name.clone(),
        role: p.account.role,
    });
    let server = me.as_ref().is_some_and(|me| allowed(me.role, Right::Server));
    // The overview tells it among what needs attention.
    let told = me.is_some() && path != at::OVERVIEW;
    let banner = view.as_ref().filter(|_| told).and_then(|v| push_banner(v, server, now));
    views::Page {
        organization: settings.map(|s| s.organization).unwrap_or_default(),
        me,
        csrf,
        banner,
        toast: None,
        path: path.to_owned(),
        now,
        version: app.config.version.clone(),
    }
}

/// Days before its end from which the push certificate is worth a banner.
const PUSH_WARN_DAYS: i64 = 30;

/// The most severe standing trouble: without a push certificate nothing works, and each year it ends.
fn push_banner(view: &store::Read, server: bool, now: Time) -> Option<Banner> {
    let banner = |tone, text: String, label: &str| {
        let action = server.then(|| Link { label: label.into(), href: at::PUSH.into() });
        Some(Banner { tone, text, action })
    };
    match push_certificate::present(view) {
        Err(_) => banner(Tone::Bad, "The push certificate cannot be read.".into(), "Push certificate"),
        Ok(None) => banner(
            Tone::Warn,
            "There is no push certificate yet. Without one no device can be enrolled.".into(),
            "Import it",
        ),
        Ok(Some((certificate, _))) => {
            let days = days_left(certificate.not_after(), now);
            if days < 0 {
                let text =
                    "The push certificate has ended: devices are not told that something waits for them.";
                banner(Tone::Bad, text.into(), "Renew it")
            } else if days < PUSH_WARN_DAYS {
                let when = match days {
                    0 => "today".to_owned(),
                    1 => "tomorrow".to_owned(),
                    n => format!("in {n} days"),
                };
                banner(Tone::Warn, format!("The push certificate ends {when}."), "Renew it")
            } else {
                None
            }
        }
    }
}

/// Whole days from now until `end` (seconds since 1970); negative when it is over.
pub(super) fn days_left(end: i64, now: Time) -> i64 {
    (end - now.secs()).div_euclid(86_400)
}

/// 303 to an address of ours.
pub(super) fn go(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or_else(|_| HeaderValue::from_static(at::OVERVIEW));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
