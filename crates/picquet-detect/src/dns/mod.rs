//! What DNS detectors know of names: which part of a name says something, whose service a zone is, what an account
//! has asked for before, and how generated a name looks.

pub mod book;
pub mod name;
pub mod score;
pub mod services;

pub use book::DomainBook;
pub use name::{Kind, Look, look};
