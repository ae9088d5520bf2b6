//! The feeds that Picquet brings along.

use crate::builder::IntelBuilder;
use crate::category::Category;

pub(crate) fn add_to(_builder: &mut IntelBuilder, _except: &[Category]) {}
