//! `pomona man`: manual pages, made from the same definitions as `--help`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use super::{Cli, EXIT_CODES, Exit, Failed};

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder to write into
    #[arg(long)]
    dir: PathBuf,
}

impl Man {
    pub(super) fn run(self) -> Result<Exit, Failed> {
        std::fs::create_dir_all(&self.dir)?;
        let mut root = Cli::command();
        root.build();
        write_page(&root, "pomona", &self.dir)?;
        Ok(Exit::Ok)
    }
}

/// Writes the page of one command and of those below it.
fn write_page(command: &Command, name: &str, dir: &Path) -> Result<(), Failed> {
    std::fs::write(dir.join(format!("{name}.1")), page(command, name))?;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
    {
        write_page(below, &format!("{name}-{}", below.get_name()), dir)?;
    }
    Ok(())
}

/// Text for roff: a leading dot or quote would be a request, a backslash an escape.
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    escaped
        .lines()
        .map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.into() })
        .collect::<Vec<_>>()
        .join("\n")
}

fn page(command: &Command, name: &str) -> String {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let mut text = format!(
        ".TH {} 1 \"\" \"pomona {}\" \"Pomona\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.nf\n{}\n.fi\n",
        name.to_uppercase(),
        env!("CARGO_PKG_VERSION"),
        roff(name),
        roff(about.lines().next().unwrap_or_default()),
        roff(command.clone().render_usage().to_string().trim_start_matches("Usage: ")),
    );
    let _ = write!(text, ".SH DESCRIPTION\n{}\n", roff(&about));
    let arguments: Vec<_> = command.get_arguments().filter(|a| !a.is_hide_set()).collect();
    if !arguments.is_empty() {
        text.push_str(".SH OPTIONS\n");
    }
    for argument in arguments {
        let mut head = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
        let value = argument.get_value_names().map(|names| names.join(" ")).unwrap_or_default();
        match argument.get_long() {
            Some(long) if argument.get_action().takes_values() => head += &format!("--{long} {value}"),
            Some(long) => head += &format!("--{long}"),
            None => head += &value,
        }
        let help =
            argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
        let _ = write!(text, ".TP\n.B {}\n{}\n", roff(&head), roff(&help));
    }
    let below: Vec<_> =
        command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").collect();
    if !below.is_empty() {
        text.push_str(".SH COMMANDS\n");
    }
    for command in below {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = write!(text, ".TP\n.B {}\n{}\n", roff(command.get_name()), roff(&about));
    }
    if let Some(more) = command.get_after_long_help().or(command.get_after_help()) {
        let more = more.to_string().replace(EXIT_CODES, "");
        if !more.trim().is_empty() {
            let _ = write!(text, ".SH NOTES\n.nf\n{}\n.fi\n", roff(more.trim()));
        }
    }
    let _ = write!(text, ".SH EXIT STATUS\n.nf\n{}\n.fi\n", roff(EXIT_CODES));
    text
}
