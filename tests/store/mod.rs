//! The store: facts that stay.

mod damage;
mod disk;
mod facts;
mod faults;
mod groups;
mod killed;
mod nouns;
mod opening;
mod ops;
mod power_cut;
pub mod random;
mod twin;

/// What a panic says that a test wants.
const PLANNED: &str = "a planned panic";

/// Keeps wanted panics out of the output, which no test captures on threads that are not its own: those of jobs, and
/// those of redb over files that were damaged on purpose.
fn quiet_planned_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let planned = info.payload_as_str().is_some_and(|said| said.contains(PLANNED));
            let damage = info.location().is_some_and(|at| at.file().contains("/redb-"));
            if !planned && !damage {
                usual(info);
            }
        }));
    });
}
