//! The push certificate: what is in use, another one, a test of the way to Apple.

use axum::response::Response;

use crate::actions::push_certificate::{self, Draft};
use crate::model::Time;
use crate::rules::access::Right;
use crate::store;
use crate::views::address as at;
use crate::views::admin::push::{PushFacts, PushPage, PushTest};
use crate::views::form::Wrong;
use crate::views::{Toast, Tone};
use crate::web::ask::Ask;
use crate::web::problem::Fault;
use crate::wire::Secret;
use crate::wire::api::{Check, Outcome};

/// `GET /profilemanager/push`
pub(in crate::web) async fn show(ask: Ask) -> Result<Response, Fault> {
    let content = content(&ask, None)?;
    ask.page(|page| content.render(page))
}

fn content(ask: &Ask, wrong: Option<Wrong>) -> Result<PushPage, Fault> {
    let view = ask.read()?;
    let present = push_certificate::present(&view)?.map(|(certificate, since)| PushFacts {
        topic: certificate.uid().unwrap_or_default(),
        subject: certificate.common_name().unwrap_or_else(|| certificate.subject()),
        serial: certificate.serial_hex(),
        not_before: Time::from_secs(certificate.not_before()),
        not_after: Time::from_secs(certificate.not_after()),
        since,
    });
    let test = ask.app.memory.push_test.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    Ok(PushPage {
        present,
        enrolled: store::enrollments::enrolled_count(&view)?,
        test: test.map(|(at, checks)| PushTest { at, good: passed(&checks), said: in_words(&checks) }),
        wrong,
    })
}

fn passed(checks: &[Check]) -> bool {
    !checks.is_empty() && checks.iter().all(|check| check.outcome != Outcome::Fail)
}

fn in_words(checks: &[Check]) -> String {
    if checks.is_empty() {
        return "Nothing could be tested on this server.".to_owned();
    }
    let bad: Vec<&Check> = checks.iter().filter(|check| check.outcome != Outcome::Pass).collect();
    let shown = if bad.is_empty() { checks.iter().collect() } else { bad };
    let sentence = |check: &&Check| format!("{} {}", check.said, check.next).trim().to_owned();
    shown.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

/// `POST /profilemanager/push/import`
pub(in crate::web) async fn import(ask: Ask) -> Result<Response, Fault> {
    let fields = &ask.said.fields;
    let secret = |name: &str| fields.file(name).map(|bytes| Secret::new(bytes.to_vec()));
    let passphrase =
        Some(fields.text("passphrase")).filter(|p| !p.is_empty()).map(|p| Secret::from(p.to_owned()));
    let taken = match secret("certificate") {
        Some(file) => take_up(&ask, file, secret("key"), passphrase, None).await,
        None => Err(Fault::new("push.no-file", "No file was chosen, or it is empty.")),
    };
    match taken {
        Ok(topic) => ask.done(at::PUSH, format!("The certificate is in use. Its topic is {topic}.")),
        Err(fault) if fault.status.is_client_error() && fault.code.starts_with("push.") => {
            let wrong = fault.about(&[
                ("push.no-file", "certificate"),
                ("push.unreadable", "certificate"),
                ("push.not-mdm", "certificate"),
                ("push.topic", "certificate"),
                ("push.expired", "certificate"),
                ("push.key", "key"),
                ("push.no-key", "key"),
                ("push.key-unreadable", "key"),
                ("push.passphrase", "passphrase"),
            ]);
            let content = content(&ask, Some(wrong))?;
            ask.again(&fault, |page| content.render(page))
        }
        Err(fault) => Err(fault),
    }
}

/// Reads a push certificate off the async threads (a passphrase is stretched) and takes it up; gives its topic.
pub(in crate::web) async fn take_up(
    ask: &Ask,
    file: Secret,
    key: Option<Secret>,
    passphrase: Option<Secret>,
    confirm_topic: Option<String>,
) -> Result<String, Fault> {
    let now = ask.now;
    let read =
        tokio::task::spawn_blocking(move || Draft::read(&file, key.as_ref(), passphrase.as_ref(), now));
    let draft = read.await.map_err(|_| Fault::panicked())??;
    let topic = draft.topic.clone();
    ask.act(move |w, by, now| push_certificate::import(w, by, &draft, confirm_topic.as_deref(), now)).await?;
    (ask.app.hooks.push_changed)();
    Ok(topic)
}

/// `POST /profilemanager/push/test`
pub(in crate::web) async fn test(ask: Ask) -> Result<Response, Fault> {
    let checks = run_test(&ask).await?;
    let tone = if passed(&checks) { Tone::Ok } else { Tone::Bad };
    let text = if tone == Tone::Ok { "The test went well.".into() } else { "The test failed.".into() };
    ask.done_with(at::PUSH, Toast { tone, text, undo: None })
}

/// Tries the way to Apple and remembers how it went.
pub(in crate::web) async fn run_test(ask: &Ask) -> Result<Vec<Check>, Fault> {
    ask.require(Right::Server)?;
    let checks = (ask.app.hooks.push_test)().await;
    let result = Some((ask.now, checks.clone()));
    *ask.app.memory.push_test.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = result;
    Ok(checks)
}
