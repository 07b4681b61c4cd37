//! Before a draft is published: what was found, what changes, what devices will make of it.

use clap::Args;

use super::place::{open, spoken_text};
use super::{Client, Exit, Failed, Form, encode, library, output, path};
use crate::cli::output::Table;
use crate::wire::api::{CheckInfo, DiffInfo, FindingInfo, LintInfo, ProfileInfo, PublishDraft, ShownValue};
use crate::wire::profile::Document;

#[derive(Debug, Args)]
pub(in crate::cli) struct Diff {
    /// Id, identifier or unique name
    profile: String,
    /// The older revision; 0 is the draft [default: the newest]
    #[arg(long, value_name = "N")]
    from: Option<u32>,
    /// The newer revision; 0 is the draft
    #[arg(long, value_name = "N", default_value = "0")]
    to: u32,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Lint {
    /// Id, identifier or unique name
    profile: String,
    /// Name the devices behind each count
    #[arg(long)]
    devices: bool,
    /// Judge all enrolled devices, and not only those that get the profile
    #[arg(long)]
    all: bool,
    /// Also what works everywhere
    #[arg(long)]
    works: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Review {
    /// Id, identifier or unique name
    profile: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  pomona profile publish org.example.wifi --dry-run
  pomona profile publish org.example.wifi --note 'New access points'")]
pub(in crate::cli) struct Publish {
    /// Id, identifier or unique name
    profile: String,
    /// What others shall know about it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    /// Only show what would be published; exit code 1 if that is not possible
    #[arg(long)]
    dry_run: bool,
    /// Only if the draft is at this version
    #[arg(long, value_name = "VERSION")]
    expect: Option<u64>,
}

async fn differences(client: &Client, profile: &str, from: Option<u32>, to: u32) -> Result<DiffInfo, Failed> {
    let from = from.map(|n| format!("&from={n}")).unwrap_or_default();
    client.get(&format!("{}/diff?to={to}{from}", path(profile))).await
}

fn value(value: &ShownValue) -> String {
    match (&value.text, value.set) {
        (Some(text), _) => text.clone(),
        (None, true) => "(secret)".into(),
        (None, false) => "-".into(),
    }
}

fn diff_table(diff: &DiffInfo, document: &Document, form: Form) -> String {
    let mut table = Table::new(&["payload", "key", "was", "is", "place"]);
    for item in &diff.items {
        let (old, new) = (value(&item.old), value(&item.new));
        table.row(vec![
            item.payload.clone(),
            item.label.clone(),
            old,
            new,
            spoken_text(document, &item.place),
        ]);
    }
    table.text(form)
}

impl Diff {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let diff = differences(client, &self.profile, self.from, self.to).await?;
        let document = open(client, &self.profile).await?.document;
        output::show(form, &diff, |form| diff_table(&diff, &document, form))?;
        if form == Form::Table && diff.items.is_empty() {
            eprintln!("Nothing differs.");
        }
        Ok(Exit::Ok)
    }
}

fn lint_table(lint: &LintInfo, document: &Document, works: bool, form: Form) -> String {
    let mut table = Table::new(&["key", "what devices make of it", "devices", "place"]);
    for item in &lint.items {
        for verdict in item.verdicts.iter().filter(|verdict| works || verdict.verdict != "works") {
            let row = |count: String| {
                vec![item.label.clone(), verdict.says.clone(), count, spoken_text(document, &item.place)]
            };
            if verdict.which.is_empty() {
                table.row(row(verdict.devices.to_string()));
            }
            for device in &verdict.which {
                let serial = device.serial.as_deref().unwrap_or(&device.id);
                table.row(row(format!("{} ({serial}, {})", device.name, device.system)));
            }
            let unnamed = verdict.devices.saturating_sub(verdict.which.len() as u64);
            if unnamed > 0 && !verdict.which.is_empty() {
                table.row(row(format!("and {unnamed} more")));
            }
        }
    }
    table.text(form)
}

fn lint_words(lint: &LintInfo) -> String {
    let which = if lint.reached_only { "that get it" } else { "that are enrolled" };
    let unjudged = match lint.not_judged {
        0 => String::new(),
        n => format!(" {n} did not say what they are."),
    };
    format!("Judged for {} devices {which}.{unjudged}", lint.devices)
}

impl Lint {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let flag = |on: bool| u8::from(on);
        let address =
            format!("{}/lint?devices={}&all={}", path(&self.profile), flag(self.devices), flag(self.all));
        let lint: LintInfo = client.get(&address).await?;
        let works = self.works || form != Form::Table;
        let document = open(client, &self.profile).await?.document;
        output::show(form, &lint, |form| lint_table(&lint, &document, works, form))?;
        if form == Form::Table {
            eprintln!("{}", lint_words(&lint));
        }
        Ok(Exit::Ok)
    }
}

fn finding_table(findings: &[FindingInfo], document: &Document, form: Form) -> String {
    let mut table = Table::new(&["weight", "place", "says"]);
    for finding in findings {
        table.row(vec![finding.weight.clone(), spoken_text(document, &finding.place), finding.says.clone()]);
    }
    table.text(form)
}

/// Everything about the draft, and whether it may be published.
async fn review(client: &Client, form: Form, profile: &str) -> Result<bool, Failed> {
    let check: CheckInfo = client.get(&format!("{}/check", path(profile))).await?;
    let diff = differences(client, profile, None, 0).await?;
    let lint: LintInfo = client.get(&format!("{}/lint", path(profile))).await?;
    let document = open(client, profile).await?.document;
    let all = serde_json::json!({ "check": check, "diff": diff, "lint": lint });
    output::show(form, &all, |form| {
        let summary: String =
            check.summary.iter().map(|line| format!("  {}\n", output::harmless(line))).collect();
        let part = |heading: &str, text: String| {
            if text.lines().count() > usize::from(form == Form::Table) {
                format!("{heading}\n{text}\n")
            } else {
                String::new()
            }
        };
        let parts = [
            part("What it does:", if summary.is_empty() { summary } else { format!("\n{summary}") }),
            part("Found:", finding_table(&check.findings, &document, form)),
            part("Changes:", diff_table(&diff, &document, form)),
            part("Not obeyed everywhere:", lint_table(&lint, &document, false, form)),
        ];
        let verdict = if check.publishable { "It can be published." } else { "It cannot be published yet." };
        format!("{}{} {verdict}\n", parts.concat(), lint_words(&lint))
    })?;
    Ok(check.publishable)
}

impl Review {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let publishable = review(client, form, &self.profile).await?;
        Ok(if publishable { Exit::Ok } else { Exit::Failure })
    }
}

impl Publish {
    pub(super) async fn run(self, client: &Client, form: Form) -> Result<Exit, Failed> {
        let version = open(client, &self.profile).await?.info.version;
        if version == 0 {
            return Err(Failed {
                code: Some("profile.no-draft".into()),
                ..Failed::new(
                    Exit::Conflict,
                    format!("{} has no draft: there is nothing to publish", encode(&self.profile)),
                    "`pomona profile set` begins one.",
                )
            });
        }
        if let Some(expected) = self.expect.filter(|expected| *expected != version) {
            return Err(Failed {
                code: Some("profile.draft-moved".into()),
                ..Failed::new(
                    Exit::Conflict,
                    format!("the draft is at version {version}, and not at {expected}"),
                    "Look at it again: `pomona profile review`.",
                )
            });
        }
        if self.dry_run {
            let publishable = review(client, form, &self.profile).await?;
            return Ok(if publishable { Exit::Ok } else { Exit::Failure });
        }
        let wish = PublishDraft { version, note: self.note };
        let profile: ProfileInfo = client.post(&format!("{}/publish", path(&self.profile)), &wish).await?;
        library::told(form, &profile)
    }
}
