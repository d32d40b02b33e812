#![doc = include_str!("../README.md")]

pub mod address;
pub mod blocked;
pub mod cases;
pub mod cidr;
#[cfg(feature = "client")]
pub mod client;
pub mod name;
pub mod policy;
pub mod ports;
pub mod rule;
pub mod safe_url;

pub use address::{AddressClass, deny_address};
pub use blocked::Blocked;
pub use cidr::Cidr;
#[cfg(feature = "client")]
pub use client::{BuildError, Client, ClientConfig, Exchange, Request, Resolve, SystemResolve};
#[cfg(feature = "client")]
pub use http::{HeaderMap, HeaderName, HeaderValue};
pub use policy::{Pass, Policy};
pub use rule::{AllowRule, AllowRuleConfig, RuleError};
pub use safe_url::SafeUrl;
