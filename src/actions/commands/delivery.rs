//! What a command carries: made from the revision it names, for the device it goes to.

use crate::model::Time;
use crate::model::command::{Command, Errand, State};
use crate::rules::reconcile::{lacking, uuid_of};
use crate::rules::variables::{self, Values};
use crate::store::{self, Broken, View, Write};
use crate::wire::mdm::command::Request;
use crate::wire::plist::{self, Dictionary, Limits, Value};
use crate::wire::profile::Document;
use crate::wire::{Malformed, Secret};

use super::finish;
use crate::actions::reconcile::{filled, values_of};

/// What a command asks, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The `Command` dictionary as XML.
    Xml(Secret),
    /// The profile that an `InstallProfile` carries.
    Profile(Secret),
    /// The same, with variables to be replaced for the device.
    Filled(Secret, Filling),
}

/// What the variables of a profile become on one device.
#[derive(Clone, PartialEq, Eq)]
pub struct Filling {
    /// The values by name in lower case.
    pub values: Values,
    /// Top-level `PayloadUUID` of the result.
    pub uuid: String,
}

/// Fields of people and devices are nobody's business in a log.
impl std::fmt::Debug for Filling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Filling({})", self.uuid)
    }
}

impl Filling {
    /// The document for the device.
    ///
    /// # Errors
    /// The variables without a value, by name.
    pub fn fill(&self, document: &Document) -> Result<Document, Vec<String>> {
        let mut filled = variables::expand(document, &self.values)?;
        filled.body.insert("PayloadUUID".into(), Value::String(self.uuid.clone()));
        Ok(filled)
    }
}

impl Body {
    /// The `Command` dictionary.
    pub fn dictionary(&self) -> Result<Dictionary, Malformed> {
        match self {
            Self::Xml(xml) => plist::parse_dictionary(xml.expose(), Limits::DEVICE),
            Self::Profile(file) => Ok(Request::InstallProfile { payload: file.clone() }.to_dictionary()),
            Self::Filled(file, filling) => {
                let document = filling.fill(&Document::read(file.expose())?).map_err(|lacks| {
                    Malformed::new("profile", format!("no value for {}", lacks.join(", ")))
                })?;
                let payload = Secret::new(document.to_xml());
                Ok(Request::InstallProfile { payload }.to_dictionary())
            }
        }
    }

    /// About how many bytes it has on its way.
    pub fn size(&self) -> usize {
        match self {
            Self::Xml(bytes) | Self::Profile(bytes) | Self::Filled(bytes, _) => bytes.len(),
        }
    }
}

/// What a command asks. Deliveries of a profile keep no copy of it: they are made from the revision they name, so
/// that a profile for ten thousand devices is stored once. None when that revision, or the request, is gone.
pub fn body(view: &impl View, command: &Command) -> Result<Option<Body>, Broken> {
    let Some(delivered) = deliver(view, command)? else { return Ok(None) };
    Ok(Some(match delivered {
        Ok(body) => body,
        Err(Lack { file, .. }) => Body::Profile(file),
    }))
}

/// A profile that this device cannot be given now.
pub(in crate::actions) struct Lack {
    file: Secret,
    /// Its variables without a value, as written.
    pub(in crate::actions) variables: Vec<String>,
}

/// What a device is given for a command just now; none as for [`body`].
pub(in crate::actions) fn deliver(
    view: &impl View,
    command: &Command,
) -> Result<Option<Result<Body, Lack>>, Broken> {
    let Errand::Install { profile, revision } = &command.errand else {
        return Ok(store::commands::request(view, &command.uuid)?.map(|xml| Ok(Body::Xml(xml))));
    };
    let Some(file) = store::profiles::revision(view, profile, *revision)? else { return Ok(None) };
    let facts = store::profiles::facts(view, profile, *revision)?;
    let enrollment = store::enrollments::get(view, &command.enrollment)?;
    let (Some(facts), Some(enrollment)) = (facts.filter(|f| !f.variables.is_empty()), enrollment) else {
        return Ok(Some(Ok(Body::Profile(file))));
    };
    let values = values_of(view, &enrollment)?;
    Ok(Some(match filled(&facts.variables, &values) {
        Ok(values) => {
            let uuid = uuid_of(&facts.uuid, &values);
            Ok(Body::Filled(file, Filling { values, uuid }))
        }
        Err(variables) => Err(Lack { file, variables }),
    }))
}

/// The `Command` dictionary of a command as XML; none as for [`body`].
pub fn request(view: &impl View, command: &Command) -> Result<Option<Secret>, Broken> {
    let Some(body) = body(view, command)? else { return Ok(None) };
    if let Body::Xml(xml) = body {
        return Ok(Some(xml));
    }
    let dictionary = body.dictionary().map_err(|m| Broken(format!("a revision cannot be read: {m}")))?;
    Ok(Some(Secret::new(plist::to_xml(&Value::Dictionary(dictionary)))))
}

/// Writes down as what the profile that `command` carries was handed out: values may have changed while it waited.
pub(in crate::actions) fn handed_out_as(w: &mut Write, command: &Command, uuid: &str) -> Result<(), Broken> {
    let Errand::Install { profile, .. } = &command.errand else { return Ok(()) };
    match store::profiles::placement(w, &command.enrollment, profile)? {
        Some(mut placement)
            if placement.command == command.uuid && placement.uuid.as_deref() != Some(uuid) =>
        {
            placement.uuid = Some(uuid.to_owned());
            store::profiles::put_placement(w, &placement)
        }
        _ => Ok(()),
    }
}

/// Takes back a delivery whose variables lost their values while it waited.
pub(in crate::actions) fn hold(
    w: &mut Write,
    command: &mut Command,
    lacks: Vec<String>,
    now: Time,
) -> Result<(), Broken> {
    finish(w, command, State::Canceled, now)?;
    let Errand::Install { profile, .. } = &command.errand else { return Ok(()) };
    match store::profiles::placement(w, &command.enrollment, profile)? {
        Some(mut placement) if placement.command == command.uuid => {
            placement.command = String::new();
            placement.said = Some(lacking(&lacks));
            placement.uuid = None;
            placement.lacks = lacks;
            store::profiles::put_placement(w, &placement)
        }
        _ => Ok(()),
    }
}
