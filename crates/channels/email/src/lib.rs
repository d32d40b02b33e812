#![doc = include_str!("../README.md")]

mod address;
mod config;
mod email;
mod folder;
mod letter;
mod page;
mod smtp;
mod unsubscribe;

pub use self::{
    config::{EmailConfig, SmtpConfig, Tls, Transport},
    email::{Email, EmailError},
    unsubscribe::Unsubscribe,
};
