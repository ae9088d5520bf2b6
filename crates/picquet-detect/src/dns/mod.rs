//! What DNS detectors know of names: which part of a name says something, whose service a zone is, and what an
//! account has asked for before.

pub mod alike;
pub mod book;
pub mod name;
pub mod odd;
pub mod services;

pub use book::DomainBook;
pub use name::{Kind, Look, look};
pub use odd::Odd;
