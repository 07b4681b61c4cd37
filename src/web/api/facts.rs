//! Rows as the API tells them.

use super::moment;
use crate::model::command::{Command, State as CommandState};
use crate::model::enrollment::{Enrollment, State};
use crate::model::profile::{Delivery, Placement};
use crate::views::parts::command_word;
use crate::web::App;
use crate::web::fleet::Entry;
use crate::wire::api::{CommandInfo, DeliveryInfo, DeviceSummary, ErrorInfo, UserChannel};

pub(super) fn state(state: State) -> String {
    match state {
        State::Authenticated => "enrolling",
        State::Enrolled => "enrolled",
        State::CheckedOut => "removed",
    }
    .to_owned()
}

pub(super) fn summary(app: &App, entry: &Entry) -> DeviceSummary {
    DeviceSummary {
        id: entry.id.to_string(),
        name: entry.name.clone(),
        serial: entry.serial.clone(),
        platform: entry.platform.slug().into(),
        model: entry.model_name.clone(),
        os_version: entry.os_version.clone(),
        state: state(entry.state),
        enrolled_at: entry.enrolled_at.map(moment),
        last_seen: entry.seen(app).map(moment),
        supervised: entry.supervised,
    }
}

pub(super) fn user(enrollment: Enrollment) -> UserChannel {
    UserChannel {
        id: enrollment.id.to_string(),
        short_name: enrollment.user_short_name,
        long_name: enrollment.user_long_name,
        state: state(enrollment.state),
    }
}

pub(super) fn command(command: &Command) -> CommandInfo {
    let state = match command.state {
        CommandState::Queued => "queued",
        CommandState::Sent => "sent",
        CommandState::NotNow => "not-now",
        CommandState::NoAnswer => "no-answer",
        CommandState::Acknowledged => "acknowledged",
        CommandState::Error => "error",
        CommandState::FormatError => "format-error",
        CommandState::Canceled => "canceled",
        CommandState::Dropped => "dropped",
    };
    CommandInfo {
        uuid: command.uuid.clone(),
        channel: command.enrollment.to_string(),
        device: command.enrollment.device().to_string(),
        request_type: command.request_type.clone(),
        state: state.into(),
        label: command_word(command.state).into(),
        finished: command.state.is_final(),
        by: command.by.clone(),
        created: moment(command.created),
        sent_at: command.sent_at.map(moment),
        finished_at: command.finished.map(moment),
        not_now_count: command.not_now_count,
        errors: command
            .errors
            .iter()
            .map(|e| ErrorInfo { code: e.code, domain: e.domain.clone(), text: e.text.clone() })
            .collect(),
        not_understood: command.not_understood.clone(),
    }
}

pub(super) fn delivery_word(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Waiting => "waiting",
        Delivery::Sent => "sent",
        Delivery::Busy => "busy",
        Delivery::Installed => "installed",
        Delivery::Confirmed => "confirmed",
        Delivery::Failed => "failed",
        Delivery::RemovedByUser => "removed-by-user",
        Delivery::NoAnswer => "no-answer",
        Delivery::Removing => "removing",
    }
}

pub(super) fn delivery(placement: &Placement, name: Option<&str>) -> DeliveryInfo {
    DeliveryInfo {
        profile: placement.profile.clone(),
        identifier: placement.identifier.clone(),
        name: name.map(str::to_owned),
        revision: placement.revision,
        state: delivery_word(placement.state).into(),
        label: placement.state.label().into(),
        at: Some(moment(placement.at)),
        said: placement.said.clone(),
        command: Some(placement.command.clone()).filter(|c| !c.is_empty()),
        uuid: placement.uuid.clone(),
    }
}
