//! Connections for those that read. There are never more than so many: a server has few hundred to give, and all of its
//! clients share them.

use super::connection::Connection;
use std::sync::{Condvar, Mutex, PoisonError};

/// Connections that read, at most; who finds none free waits.
const MOST: usize = 16;

#[derive(Default)]
pub(super) struct Pool {
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    lent: usize,
}

/// The right to use one connection, and one if there was one. Whoever has it puts the connection back that it is to
/// keep.
pub(super) struct Lent<'p> {
    pool: &'p Pool,
    pub connection: Option<Connection>,
}

impl Pool {
    pub fn take(&self) -> Lent<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.lent >= MOST {
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.lent += 1;
        Lent { pool: self, connection: state.idle.pop() }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.lent -= 1;
        state.idle.extend(self.connection.take());
        drop(state);
        self.pool.returned.notify_one();
    }
}
