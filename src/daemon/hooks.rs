//! What pages and programs may ask of the daemon.

use std::sync::Arc;

use super::config::Config;
use super::doctor;
use super::logs::{Level, Levels, level};
use super::push::PushWay;
use crate::model::edge::Clock;
use crate::store::Store;
use crate::web::Hooks;
use crate::wire::api::LogLevel;

/// Ties pages and the API to logs, push and self-checks.
pub fn hooks(
    config: &Arc<Config>,
    store: &Store,
    levels: Option<Arc<Levels>>,
    push: &PushWay,
    clock: &Arc<dyn Clock>,
) -> Hooks {
    let test = {
        let (push, clock) = (push.clone(), Arc::clone(clock));
        move || -> crate::web::app::BoxFuture<_> {
            let (push, now) = (push.clone(), clock.now());
            Box::pin(async move { push.test(now).await })
        }
    };
    let changed = {
        let push = push.clone();
        move || push.take_up()
    };
    let checks = {
        let (config, store, clock) = (Arc::clone(config), store.clone(), Arc::clone(clock));
        move || -> crate::web::app::BoxFuture<_> {
            let (config, store, now) = (Arc::clone(&config), store.clone(), clock.now());
            Box::pin(async move {
                tokio::task::spawn_blocking(move || doctor::running(&config, &store, now))
                    .await
                    .unwrap_or_default()
            })
        }
    };
    let mut hooks = Hooks {
        push_test: Arc::new(test),
        push_changed: Arc::new(changed),
        checks: Arc::new(checks),
        ..Hooks::default()
    };
    // A server inside a test has no logs of its own.
    if let Some(levels) = levels {
        let read = Arc::clone(&levels);
        hooks.log_level = Arc::new(move || told(&read));
        let clock = Arc::clone(clock);
        hooks.set_log_level = Arc::new(move |word, seconds| set(&levels, word, seconds, &*clock));
    }
    hooks
}

fn told(levels: &Levels) -> LogLevel {
    match levels.raised() {
        Some(raise) => LogLevel {
            level: raise.level.as_str().into(),
            for_secs: None,
            until: Some(raise.until.rfc3339()),
        },
        None => LogLevel { level: levels.base().as_str().into(), for_secs: None, until: None },
    }
}

fn set(levels: &Levels, word: &str, seconds: Option<u64>, clock: &dyn Clock) -> Result<LogLevel, String> {
    if word == "reset" {
        levels.reset();
        return Ok(told(levels));
    }
    let level = Level::parse(word)
        .ok_or_else(|| format!("{word:?} is no level: write error, warn, info, debug, trace or reset"))?;
    if level == levels.base() && seconds.is_none() {
        levels.reset();
        return Ok(told(levels));
    }
    let seconds = seconds.map_or(level::USUAL, |seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    if seconds > level::LONGEST {
        return Err("a level can be changed for at most 24 hours".into());
    }
    levels
        .raise(level, None, seconds, clock.now())
        .map_err(|e| format!("the end of it cannot be kept: {e}"))?;
    Ok(told(levels))
}
