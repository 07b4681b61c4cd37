//! Sentences about `wire`.

mod arbitrary;
mod cms;
mod enroll;
mod forged;
mod keys;
mod mdm;
mod openssl;
mod pkcs12;
pub mod plist;
mod profile;
mod profile_document;
mod scep;
mod scep_hostile;
mod speed;
mod x509;
