//! What a device says of itself when asked.

use super::Device;
use crate::simulator::portrait::Kind;
use crate::wire::plist::{Dictionary, Value};

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn number(value: i64) -> Value {
    Value::Integer(value.into())
}

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dictionary(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl Device {
    /// `QueryResponses`: what was asked and is known. Unknown queries are missing, which is no error.
    pub(super) fn information(&self, command: &Dictionary) -> Value {
        let queries = command.get("Queries").and_then(Value::as_array);
        let asked = queries.into_iter().flatten().filter_map(Value::as_string);
        let mut known = Dictionary::new();
        for query in asked {
            if let Some(value) = self.fact(query) {
                known.insert(query.to_owned(), value);
            }
        }
        Value::Dictionary(known)
    }

    fn fact(&self, query: &str) -> Option<Value> {
        let p = &self.portrait;
        let mac = p.kind == Kind::Mac;
        Some(match query {
            "UDID" => text(&p.udid),
            "DeviceName" => text(&p.name),
            "OSVersion" => text(p.os_version),
            "BuildVersion" => text(p.build),
            "ModelName" => text(p.model_name),
            "Model" => text(p.model),
            "ModelNumber" => text(&format!("{}LL/A", p.model)),
            "ProductName" => text(p.product),
            "SerialNumber" => text(&p.serial),
            "IsSupervised" => Value::Boolean(p.supervised),
            "DeviceCapacity" => Value::Real(p.capacity_gb),
            "AvailableDeviceCapacity" => Value::Real(p.available_gb),
            "BatteryLevel" => Value::Real(p.battery),
            "WiFiMAC" => text(&p.wifi_mac),
            "BluetoothMAC" => text(&p.wifi_mac.replacen("f0:18", "f2:18", 1)),
            "AwaitingConfiguration" => Value::Boolean(self.enrollment.as_ref().is_some_and(|e| e.awaiting)),
            "IMEI" => text(p.imei.as_deref()?),
            "IsAppleSilicon" if mac => Value::Boolean(true),
            "HostName" | "LocalHostName" if mac => text(&p.name.replace(['\u{2019}', ' '], "-")),
            "PINRequiredForDeviceLock" | "PINRequiredForEraseDevice" if mac => Value::Boolean(true),
            "EACSPreflight" if mac => text("success"),
            "IsActivationLockEnabled" | "IsMultiUser" => Value::Boolean(false),
            "IsMDMLostModeEnabled" | "IsDeviceLocatorServiceEnabled" if !mac => Value::Boolean(false),
            "TimeZone" => text("Europe/Berlin"),
            "ServiceSubscriptions" => {
                let imei = text(p.imei.as_deref()?);
                Value::Array(vec![dictionary([("IMEI", imei), ("Slot", text("CTSubscriptionSlotOne"))])])
            }
            _ => return None,
        })
    }

    /// `SecurityInfo`.
    pub(super) fn security(&self) -> Value {
        let status = dictionary([
            ("EnrolledViaDEP", Value::Boolean(self.options.await_configuration)),
            ("UserApprovedEnrollment", Value::Boolean(true)),
            ("IsUserEnrollment", Value::Boolean(false)),
            ("IsActivationLockManageable", Value::Boolean(self.portrait.supervised)),
        ]);
        match self.portrait.kind {
            Kind::Mac => dictionary([
                ("FDE_Enabled", Value::Boolean(true)),
                ("FDE_HasPersonalRecoveryKey", Value::Boolean(true)),
                ("FDE_HasInstitutionalRecoveryKey", Value::Boolean(false)),
                ("SystemIntegrityProtectionEnabled", Value::Boolean(true)),
                ("AuthenticatedRootVolumeEnabled", Value::Boolean(true)),
                ("IsRecoveryLockEnabled", Value::Boolean(false)),
                ("RemoteDesktopEnabled", Value::Boolean(false)),
                ("ManagementStatus", status),
            ]),
            _ => dictionary([
                ("HardwareEncryptionCaps", number(3)),
                ("PasscodePresent", Value::Boolean(self.condition.passcode)),
                ("PasscodeCompliant", Value::Boolean(true)),
                ("PasscodeCompliantWithProfiles", Value::Boolean(true)),
                ("ManagementStatus", status),
            ]),
        }
    }

    /// `CertificateList`: the identity, and what profiles brought.
    pub(super) fn certificates(&self) -> Value {
        let identity = self.enrollment.as_ref().map(|e| (e.identity.certificate.clone(), true));
        let others = self.shelf.certificates().into_iter().map(|cert| (cert, false));
        let all = identity.into_iter().chain(others).map(|(cert, is_identity)| {
            let name = cert.common_name().unwrap_or_else(|| cert.subject());
            dictionary([
                ("CommonName", Value::String(name)),
                ("IsIdentity", Value::Boolean(is_identity)),
                ("Data", Value::Data(cert.der().to_vec())),
            ])
        });
        Value::Array(all.collect())
    }

    /// `InstalledApplicationList`; only those asked for, if any are named.
    pub(super) fn apps(&self, command: &Dictionary) -> Value {
        const PHONE: &[(&str, &str, &str, i64)] = &[
            ("com.apple.Pages", "Pages", "14.4", 612_000_000),
            ("com.apple.Keynote", "Keynote", "14.4", 580_000_000),
            ("org.mozilla.ios.Firefox", "Firefox", "144.0", 196_000_000),
            ("org.whispersystems.signal", "Signal", "7.82", 214_000_000),
        ];
        const MAC: &[(&str, &str, &str, i64)] = &[
            ("com.apple.Safari", "Safari", "26.1", 14_000_000),
            ("com.apple.dt.Xcode", "Xcode", "26.1", 4_100_000_000),
            ("org.libreoffice.script", "LibreOffice", "25.8.2", 800_000_000),
            ("org.videolan.vlc", "VLC", "3.0.21", 150_000_000),
        ];
        let all = match self.portrait.kind {
            Kind::Mac => MAC,
            Kind::AppleTv => &PHONE[..0],
            Kind::IPhone | Kind::IPad => PHONE,
        };
        let wanted = command.get("Identifiers").and_then(Value::as_array);
        let is_wanted = |identifier: &str| {
            wanted.is_none_or(|wanted| wanted.iter().any(|w| w.as_string() == Some(identifier)))
        };
        let shown = all.iter().filter(|(identifier, ..)| is_wanted(identifier));
        let shown = shown.map(|(identifier, name, version, size)| {
            dictionary([
                ("Identifier", text(identifier)),
                ("Name", text(name)),
                ("ShortVersion", text(version)),
                ("Version", text(version)),
                ("BundleSize", number(*size)),
                ("Installing", Value::Boolean(false)),
            ])
        });
        Value::Array(shown.collect())
    }
}
