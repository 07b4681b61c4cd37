//! What is wrong with a profile: with a file on this computer, without any server, or with a draft of the library.

use std::path::{Path, PathBuf};

use clap::Args;

use super::edit::bytes_of;
use super::library::understood as tell_understood;
use super::lines::Lines;
use super::place::{open, spoken};
use super::{Exit, Failed, Form, Global, output};
use crate::cli::output::{Card, Table};
use crate::model::document::{Finding, Weight};
use crate::rules::{check, entry, summary};
use crate::wire::api::{FindingInfo, KeyOf, UnderstoodInfo};
use crate::wire::profile::{Document, Place};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 it can be published, 1 it cannot.

Examples:
  pomona profile validate wifi.mobileconfig        a file: no server is asked
  pomona profile validate org.example.wifi         the draft of a profile")]
pub(in crate::cli) struct Validate {
    /// A file (XML, binary or signed; - for standard input), or the id or identifier of a profile
    what: String,
}

/// What was found, in words.
#[derive(serde::Serialize)]
struct Report {
    publishable: bool,
    findings: Vec<FindingInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_by: Option<String>,
    summary: Vec<String>,
    understood: UnderstoodInfo,
}

impl Validate {
    pub(super) async fn run(self, global: &Global) -> Result<Exit, Failed> {
        let report = if is_file(&self.what) {
            of_file(Path::new(&self.what))?
        } else {
            let opened = open(&global.client()?, &self.what).await?;
            of_document(&opened.document, None, None)
        };
        let form = global.form();
        output::show(form, &report, |form| report.text(form))?;
        Ok(if report.publishable { Exit::Ok } else { Exit::Failure })
    }
}

/// A file, or something that looks like one.
fn is_file(what: &str) -> bool {
    let path = PathBuf::from(what);
    let named = path.extension().is_some_and(|e| e == "mobileconfig" || e == "plist" || e == "xml");
    what == "-" || what.contains('/') || path.is_file() || named
}

fn of_file(file: &Path) -> Result<Report, Failed> {
    let bytes = bytes_of(file)?;
    match crate::wire::profile::parse(&bytes) {
        Ok(profile) => {
            let signer =
                profile.signer.as_ref().map(|cert| cert.common_name().unwrap_or_else(|| cert.subject()));
            let lines = std::str::from_utf8(&profile.plain).ok().map(Lines::of);
            let mut report = of_document(&Document { body: profile.body }, lines.as_ref(), signer);
            for finding in report.findings.iter_mut().filter(|f| f.code == "profile.secret-missing") {
                finding.weight = "note".into();
                finding.says =
                    "A secret is blanked out here; applied, it stays what it is in the library.".into();
            }
            report.publishable = !report.findings.iter().any(|finding| finding.weight == "error");
            Ok(report)
        }
        Err(malformed) => Ok(Report {
            publishable: false,
            findings: vec![FindingInfo {
                place: String::new(),
                line: entry::line_of(&malformed.reason).and_then(|line| u32::try_from(line).ok()),
                weight: "error".into(),
                code: "profile.unreadable".into(),
                says: malformed.reason,
            }],
            signed_by: None,
            summary: Vec::new(),
            understood: UnderstoodInfo::default(),
        }),
    }
}

fn of_document(document: &Document, lines: Option<&Lines>, signed_by: Option<String>) -> Report {
    let findings = check::check(document);
    let known = summary::understood(document);
    let keys = |list: Vec<(String, String)>| {
        list.into_iter().map(|(payload, key)| KeyOf { payload, key }).collect::<Vec<_>>()
    };
    Report {
        publishable: !check::blocks(&findings),
        findings: findings.iter().map(|finding| told(document, lines, finding)).collect(),
        signed_by,
        summary: summary::sentences(document),
        understood: UnderstoodInfo {
            payloads: known.payloads as u64,
            keys: known.keys as u64,
            raw_payloads: known.raw_payloads,
            raw_keys: keys(known.raw_keys),
            deprecated: keys(known.deprecated),
            secrets: known.secrets as u64,
        },
    }
}

fn told(document: &Document, lines: Option<&Lines>, finding: &Finding) -> FindingInfo {
    FindingInfo {
        place: spoken(document, &finding.place),
        line: lines.and_then(|lines| lines.at(&way(document, &finding.place))),
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

/// The way from the root of the file.
fn way(document: &Document, place: &Place) -> Vec<String> {
    let mut way = Vec::new();
    if let Some(payload) = place.payload.as_deref().and_then(|id| document.payload(id)) {
        way.extend(["PayloadContent".to_owned(), payload.position.to_string()]);
    }
    way.extend(place.path.0.iter().cloned());
    way
}

impl Report {
    fn text(&self, form: Form) -> String {
        let mut table = Table::new(&["weight", "line", "place", "says"]);
        for finding in &self.findings {
            table.row(vec![
                finding.weight.clone(),
                finding.line.map(|line| line.to_string()).unwrap_or_default(),
                finding.place.clone(),
                finding.says.clone(),
            ]);
        }
        if form != Form::Table {
            return table.text(form);
        }
        let mut card = Card::new();
        card.maybe("signed by", self.signed_by.as_deref());
        for line in &self.summary {
            card.line("has", line);
        }
        if self.understood.payloads > 0 || !self.understood.raw_payloads.is_empty() {
            tell_understood(&mut card, &self.understood);
        }
        card.line("verdict", if self.publishable { "can be published" } else { "cannot be published" });
        let findings = if self.findings.is_empty() { String::new() } else { table.text(form) + "\n" };
        findings + &card.text(form)
    }
}
