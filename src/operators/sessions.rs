//! Who is logged in. Of the id that a browser holds only the hash is kept, so that what is in memory opens nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::{Fingerprint, Person};

/// Sessions at once; the one that was used longest ago gives way.
const MOST: usize = 1_000;

/// Somebody is logged in.
#[derive(Clone)]
pub struct Session {
    person: Person,
    csrf: String,
    began: Timestamp,
    used: Timestamp,
}

impl Session {
    /// Who.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// What a form of this session carries.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Whether a form carries what forms of this session carry. Hashes are compared, so that the time tells nothing.
    pub fn is_csrf(&self, given: &str) -> bool {
        Sha256::digest(given.as_bytes()) == Sha256::digest(self.csrf.as_bytes())
    }
}

/// The sessions of this node.
pub(super) struct Sessions {
    idle: SignedDuration,
    absolute: SignedDuration,
    open: Mutex<HashMap<Fingerprint, Session>>,
}

impl Sessions {
    pub(super) fn new(idle: SignedDuration, absolute: SignedDuration) -> Self {
        Self { idle, absolute, open: Mutex::default() }
    }

    pub(super) fn open(&self, id: Fingerprint, (person, csrf): (Person, String), now: Timestamp) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.retain(|_, session| self.holds(session, now));
        }
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| *id)
        {
            open.remove(&oldest);
        }
        open.insert(id, Session { person, csrf, began: now, used: now });
    }

    /// The session, where it has not ended; it is used now.
    pub(super) fn find(&self, id: &Fingerprint, now: Timestamp) -> Option<Session> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let session = open.get_mut(id)?;
        if !self.holds(session, now) {
            open.remove(id);
            return None;
        }
        session.used = session.used.max(now);
        Some(session.clone())
    }

    pub(super) fn close(&self, id: &Fingerprint) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    fn holds(&self, session: &Session, now: Timestamp) -> bool {
        now.duration_since(session.used) < self.idle && now.duration_since(session.began) < self.absolute
    }
}

#[cfg(test)]
mod tests {
    use super::super::OperatorRole;
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
    }

    fn sessions() -> Sessions {
        Sessions::new(SignedDuration::from_mins(15), SignedDuration::from_hours(8))
    }

    fn open(sessions: &Sessions, number: u16, minute: i64) -> Fingerprint {
        let mut id = [0; 32];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let person = Person { name: "person-1".to_owned(), role: OperatorRole::Viewer };
        sessions.open(id, (person, "form".to_owned()), at(minute));
        id
    }

    #[test]
    fn a_session_ends_when_it_is_idle() {
        let sessions = sessions();
        let id = open(&sessions, 1, 0);
        assert!(sessions.find(&id, at(14)).is_some());
        assert!(sessions.find(&id, at(28)).is_some());
        assert!(sessions.find(&id, at(43)).is_none());
        assert!(sessions.find(&id, at(28)).is_none(), "it does not come back with the clock");
    }

    #[test]
    fn a_session_ends_however_much_it_is_used() {
        let sessions = sessions();
        let id = open(&sessions, 1, 0);
        for minute in (10..480).step_by(10) {
            assert!(sessions.find(&id, at(minute)).is_some(), "{minute}");
        }
        assert!(sessions.find(&id, at(480)).is_none());
    }

    #[test]
    fn a_clock_that_goes_back_makes_no_session_longer() {
        let sessions = sessions();
        let id = open(&sessions, 1, 60);
        assert!(sessions.find(&id, at(0)).is_some());
        assert!(sessions.find(&id, at(75)).is_none());
    }

    #[test]
    fn so_many_are_open_and_the_one_used_longest_ago_gives_way() {
        let sessions = sessions();
        let first = open(&sessions, 0, 0);
        let second = open(&sessions, 1, 0);
        for number in 2..1_000 {
            open(&sessions, number, 1);
        }
        assert!(sessions.find(&first, at(2)).is_some());
        open(&sessions, 1_000, 3);
        assert!(sessions.find(&second, at(3)).is_none());
        assert!(sessions.find(&first, at(3)).is_some());
        assert_eq!(sessions.open.lock().unwrap().len(), 1_000);
    }

    #[test]
    fn a_closed_session_and_a_wrong_token_open_nothing() {
        let sessions = sessions();
        let id = open(&sessions, 1, 0);
        let session = sessions.find(&id, at(0)).unwrap();
        assert!(session.is_csrf("form") && !session.is_csrf("") && !session.is_csrf("form2"));
        sessions.close(&id);
        assert!(sessions.find(&id, at(0)).is_none());
    }
}
