//! What a command prints: a table for eyes, TSV for pipes, JSON for programs. Data goes to standard output and
//! every other word to standard error.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use super::exit::Failed;
use crate::wire::api::SCHEMA;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Aligned columns with a heading.
    Table,
    /// One line a row, tabs between, no heading.
    Tsv,
    /// One JSON object with `"schema": 1`.
    Json,
}

impl Form {
    /// JSON if asked for, else what fits standard output.
    pub fn fitting(json: bool) -> Self {
        match (json, std::io::stdout().is_terminal()) {
            (true, _) => Self::Json,
            (false, true) => Self::Table,
            (false, false) => Self::Tsv,
        }
    }
}

/// Text from a device or a stranger, made harmless for a terminal: control characters and marks of writing
/// direction become a visible replacement.
pub fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_control() => '\u{fffd}',
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                '\u{fffd}'
            }
            c => c,
        })
        .collect()
}

/// Rows under headings.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Headings.
    pub columns: Vec<&'static str>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The text of the table in `form` (not JSON).
    pub fn text(&self, form: Form) -> String {
        let rows: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(|cell| harmless(cell)).collect()).collect();
        if form == Form::Tsv {
            return rows.iter().map(|row| row.join("\t") + "\n").collect();
        }
        let width = |i: usize| {
            rows.iter().map(|row| row[i].chars().count()).chain([self.columns[i].len()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |cells: &[String]| {
            let mut text = String::new();
            for (cell, width) in cells.iter().zip(&widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            text.trim_end().to_owned() + "\n"
        };
        let heading: Vec<String> = self.columns.iter().map(|name| name.to_uppercase()).collect();
        line(&heading) + &rows.iter().map(|row| line(row)).collect::<String>()
    }
}

/// Names and values of one thing, a line each.
#[derive(Debug, Clone, Default)]
pub struct Card(Vec<(String, String)>);

impl Card {
    /// An empty card.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub fn line(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.0.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a line if there is a value.
    pub fn maybe(&mut self, name: &str, value: Option<impl Into<String>>) -> &mut Self {
        if let Some(value) = value {
            self.line(name, value);
        }
        self
    }

    /// The text in `form` (not JSON).
    pub fn text(&self, form: Form) -> String {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        self.0
            .iter()
            .map(|(name, value)| match form {
                Form::Table => format!("{name:width$}  {}\n", harmless(value)),
                _ => format!("{name}\t{}\n", harmless(value)),
            })
            .collect()
    }
}

/// Prints to standard output. A reader that went away (`| head`) is no failure.
pub fn print(text: &str) -> Result<(), Failed> {
    print_bytes(text.as_bytes())
}

/// Prints bytes to standard output as they are.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failed> {
    stream(bytes).map(drop)
}

/// Prints, and says whether somebody still reads.
pub fn stream(bytes: &[u8]) -> Result<bool, Failed> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(true),
    }
}

/// Prints `value` as one JSON object that has `"schema": 1`.
pub fn print_json(value: &impl Serialize) -> Result<(), Failed> {
    let mut value = serde_json::to_value(value).map_err(std::io::Error::other)?;
    if let Some(object) = value.as_object_mut() {
        object.shift_remove("schema");
        object.shift_insert(0, "schema".into(), SCHEMA.into());
    }
    print(&format!("{value:#}\n"))
}

/// Prints a table, or `value` when JSON is asked for.
pub fn show(form: Form, value: &impl Serialize, text: impl FnOnce(Form) -> String) -> Result<(), Failed> {
    if form == Form::Json { print_json(value) } else { print(&text(form)) }
}

/// A moment for eyes: `2026-11-24 03:15` in UTC; as it is for programs.
pub fn moment(form: Form, text: &str) -> String {
    match (form, text.get(..16)) {
        (Form::Table, Some(start)) => start.replacen('T', " ", 1),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_aligns_for_eyes_and_splits_for_pipes() {
        let mut table = Table::new(&["name", "serial"]);
        table.row(vec!["Ada's iPhone".into(), "X1".into()]);
        table.row(vec!["b\u{1b}[2J\tx".into(), String::new()]);
        assert_eq!(
            table.text(Form::Table),
            "NAME          SERIAL\nAda's iPhone  X1\nb\u{fffd}[2J\u{fffd}x\n"
        );
        assert_eq!(table.text(Form::Tsv), "Ada's iPhone\tX1\nb\u{fffd}[2J\u{fffd}x\t\n");
    }
}
