//! Documents as the API tells them: redacted, with what was found in them.

use super::moment;
use crate::actions::drafts::Open;
use crate::catalog::catalog;
use crate::model::document::{Conflict, Difference, Finding, Shown, Stamp, Weight};
use crate::rules::summary::Understood;
use crate::rules::{check, secrets, summary};
use crate::wire::api::{
    CheckInfo, ConflictInfo, DifferenceInfo, Doing, DraftInfo, DraftPayload, FindingInfo, KeyOf, SecretInfo,
    ShownValue, Tree, UnderstoodInfo,
};
use crate::wire::plist::Value;
use crate::wire::profile::Document;

/// The document without its secrets, as JSON and as XML.
pub(super) fn shown_document(document: &Document) -> (Tree, String) {
    let redacted = secrets::redacted(document);
    let xml = String::from_utf8_lossy(&redacted.to_xml()).into_owned();
    (Tree::of(&Value::Dictionary(redacted.body)), xml)
}

fn doing(stamp: &Stamp) -> Doing {
    Doing { by: stamp.by.clone(), at: moment(stamp.at) }
}

pub(super) fn draft_info(open: &Open) -> DraftInfo {
    let document = &open.document;
    let (tree, xml) = shown_document(document);
    let findings = check::check(document);
    let draft = open.draft.as_ref();
    let set_by = |place: &str| open.secrets.iter().find(|(at, _)| at == place).map(|(_, stamp)| doing(stamp));
    DraftInfo {
        profile: open.profile.id.clone(),
        version: draft.map_or(0, |draft| draft.version),
        base: draft.map_or(open.profile.revision, |draft| draft.base),
        distribution: draft.map_or(open.profile.distribution, |draft| draft.distribution).as_str().into(),
        document: tree,
        xml,
        payloads: payloads(document),
        secrets: secrets::places(document)
            .iter()
            .map(|place| place.to_string())
            .map(|place| SecretInfo { set: set_by(&place), place })
            .collect(),
        publishable: !check::blocks(&findings),
        findings: findings.iter().map(finding).collect(),
        summary: summary::sentences(document),
        editors: draft
            .map(|draft| draft.editors.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|(by, at)| Doing { by: by.clone(), at: moment(*at) })
            .collect(),
        edited: draft.map(|draft| doing(&draft.edited)),
    }
}

fn payloads(document: &Document) -> Vec<DraftPayload> {
    let payloads = document.payloads();
    payloads
        .iter()
        .map(|payload| {
            let form = catalog().form_for(payload.body);
            let named = payload.body.get("PayloadDisplayName").and_then(Value::as_string);
            let label = named.filter(|name| !name.is_empty()).or(form.map(|form| form.label.as_str()));
            DraftPayload {
                id: payload.id(document),
                payload_type: payload.payload_type().into(),
                form: form.map(|form| form.id.clone()),
                label: label.unwrap_or(payload.payload_type()).into(),
            }
        })
        .collect()
}

pub(super) fn finding(finding: &Finding) -> FindingInfo {
    FindingInfo {
        place: finding.place.to_string(),
        line: None,
        weight: match finding.weight {
            Weight::Note => "note",
            Weight::Warning => "warning",
            Weight::Error => "error",
        }
        .into(),
        code: finding.code.into(),
        says: finding.says.clone(),
    }
}

fn shown(value: &Shown) -> ShownValue {
    match value {
        Shown::Unset => ShownValue::default(),
        Shown::Secret => ShownValue { set: true, secret: true, text: None },
        Shown::Text(text) => ShownValue { set: true, secret: false, text: Some(text.clone()) },
    }
}

pub(super) fn conflict(conflict: &Conflict) -> ConflictInfo {
    ConflictInfo {
        place: conflict.place.to_string(),
        label: conflict.label.clone(),
        mine: shown(&conflict.mine),
        theirs: shown(&conflict.theirs),
        now: conflict.now.clone(),
    }
}

pub(super) fn difference(difference: &Difference) -> DifferenceInfo {
    DifferenceInfo {
        place: difference.place.to_string(),
        payload: difference.payload.clone(),
        label: difference.label.clone(),
        old: shown(&difference.old),
        new: shown(&difference.new),
    }
}

pub(super) fn checked(document: &Document) -> CheckInfo {
    let findings = check::check(document);
    CheckInfo {
        publishable: !check::blocks(&findings),
        findings: findings.iter().map(finding).collect(),
        summary: summary::sentences(document),
        understood: understood(&summary::understood(document)),
    }
}

pub(super) fn understood(known: &Understood) -> UnderstoodInfo {
    let keys = |list: &[(String, String)]| {
        let key = |(payload, key): &(String, String)| KeyOf { payload: payload.clone(), key: key.clone() };
        list.iter().map(key).collect::<Vec<_>>()
    };
    UnderstoodInfo {
        payloads: known.payloads as u64,
        keys: known.keys as u64,
        raw_payloads: known.raw_payloads.clone(),
        raw_keys: keys(&known.raw_keys),
        deprecated: keys(&known.deprecated),
        secrets: known.secrets as u64,
    }
}
