//! The `pomona` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    pomona::cli::main()
}
