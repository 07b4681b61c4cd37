//! What a command reads beside its arguments: secrets and durations. Secrets never are arguments, because
//! everyone on the machine may see those.

use std::fs::OpenOptions;
use std::io::{BufRead, IsTerminal, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use super::exit::{Exit, Failed};
use crate::wire::api::Hidden;

/// Asks for a secret on the terminal without showing it, or reads the first line of standard input.
pub fn secret(question: &str) -> Result<Hidden, Failed> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return line();
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "{question}: ")?;
    stderr.flush()?;
    let before = tcgetattr(&stdin).map_err(std::io::Error::from)?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(std::io::Error::from)?;
    let answer = line();
    let restored = tcsetattr(&stdin, OptionalActions::Flush, &before).map_err(std::io::Error::from);
    writeln!(stderr)?;
    restored?;
    answer
}

/// A secret typed twice on a terminal, or read once from a pipe.
pub fn new_secret(question: &str) -> Result<Hidden, Failed> {
    let first = secret(question)?;
    if std::io::stdin().is_terminal() && secret("Again")? != first {
        return Err(Failed::new(Exit::Usage, "the two do not agree", "Try again."));
    }
    Ok(first)
}

fn line() -> Result<Hidden, Failed> {
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text)?;
    let text = Hidden::new(text.trim_end_matches(['\r', '\n']));
    if text.expose().is_empty() {
        return Err(Failed::new(Exit::Usage, "nothing was entered", ""));
    }
    Ok(text)
}

/// Writes a file that only its owner may read; a file that is there is replaced.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failed> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    Ok(())
}

/// Reads `90s`, `30m`, `12h`, `7d` as seconds, for clap.
pub fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no duration; write 90s, 30m, 12h or 7d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let count: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    count.checked_mul(factor).filter(|seconds| *seconds > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(seconds("30m"), Ok(1_800));
        assert_eq!(seconds("7d"), Ok(604_800));
        for wrong in ["30", "m", "-5m", "0s", "1w", "9223372036854775807d", "1é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
