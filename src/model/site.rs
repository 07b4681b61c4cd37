//! Where this server lives, as devices and people must spell it.

/// The server's one canonical address. Every absolute URL is built from it, never from a request's `Host`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Host name, as in `mdm.example.org`.
    pub host: String,
    /// Port people and devices connect to.
    pub port: u16,
}

impl Site {
    /// `https://host` or `https://host:port`, without a slash at the end.
    pub fn base_url(&self) -> String {
        if self.port == 443 {
            format!("https://{}", self.host)
        } else {
            format!("https://{}:{}", self.host, self.port)
        }
    }

    /// Address of check-in and connect, immutable once devices are enrolled.
    pub fn mdm_url(&self) -> String {
        format!("{}/mdm", self.base_url())
    }

    /// Address of SCEP.
    pub fn scep_url(&self) -> String {
        format!("{}/scep", self.base_url())
    }

    /// Address of an enrollment link.
    pub fn enroll_url(&self, token: &str) -> String {
        format!("{}/enroll/{token}", self.base_url())
    }
}
