//! Patients one after the other in order, their work on several threads.
//!
//! A thread takes the next patient, builds its Bundle and waits for its turn to hand it over. So what is held in memory is
//! one patient per thread, and no result depends on which thread was first.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::domain::accounting::{Account, Ledger};

/// Does `work` for each item on `threads` threads, each with an account of its own, and calls `finish` with the results in the
/// order of the items, one at a time. The accounts are absorbed by `account` in that order.
pub(super) fn in_order<I: Sync, R: Send>(
    items: &[I],
    threads: NonZeroUsize,
    account: &mut Account,
    max_issues: usize,
    work: impl Fn(&I, &mut Account) -> R + Sync,
    finish: impl FnMut(R, &mut Account) + Send,
) {
    let base = Arc::new(std::mem::take(&mut account.ledger));
    let next = AtomicUsize::new(0);
    let turns = Turns { state: Mutex::new(State { turn: 0, finish, parts: Vec::new() }), changed: Condvar::new() };
    let all = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            let mut part = part_of(&base, index, max_issues);
            // The turn is passed on even by a defect, so that no thread waits for ever.
            let result = catch_unwind(AssertUnwindSafe(|| work(item, &mut part)));
            let mut state = turns.wait_for(index);
            state.turn += 1;
            match result {
                Ok(result) => {
                    let finished = catch_unwind(AssertUnwindSafe(|| (state.finish)(result, &mut part)));
                    part.ledger.detach();
                    state.parts.push(part);
                    turns.changed.notify_all();
                    if let Err(defect) = finished {
                        drop(state);
                        resume_unwind(defect);
                    }
                }
                Err(defect) => {
                    turns.changed.notify_all();
                    drop(state);
                    resume_unwind(defect);
                }
            }
        }
    };
    match threads.get().min(items.len()) {
        // A thread of its own costs more than most of what it would do: its memory is new.
        0 | 1 => all(),
        several => thread::scope(|scope| (0..several).for_each(|_| drop(scope.spawn(all)))),
    }
    account.ledger = Arc::try_unwrap(base).unwrap_or_else(|shared| Ledger::clone(&shared));
    for part in turns.state.into_inner().unwrap_or_else(PoisonError::into_inner).parts {
        account.absorb(part);
    }
}

fn part_of(base: &Arc<Ledger>, index: usize, max_issues: usize) -> Account {
    Account::part(base, u32::try_from(index).unwrap_or(u32::MAX - 1).saturating_add(1), max_issues)
}

struct Turns<F> {
    state: Mutex<State<F>>,
    changed: Condvar,
}

struct State<F> {
    turn: usize,
    finish: F,
    parts: Vec<Account>,
}

impl<F> Turns<F> {
    fn wait_for(&self, index: usize) -> MutexGuard<'_, State<F>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed.wait_while(state, |state| state.turn != index).unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        let items: Vec<u32> = (0..200).collect();
        for threads in [1, 2, 7] {
            let mut account = Account::default();
            let common = account.ledger.open(&Arc::from("common"), None, 1);
            let mut order = Vec::new();
            let work = |item: &u32, part: &mut Account| {
                part.ledger.represent(common, format!("Observation/{item}"));
                part.ledger.open(&Arc::from("own"), None, *item);
                *item
            };
            let threads = NonZeroUsize::new(threads).unwrap();
            in_order(&items, threads, &mut account, 10, work, |item, _| order.push(item));
            assert_eq!(order, items);
            let lines: Vec<u32> = account.ledger.rows().skip(1).map(|row| row.line).collect();
            assert_eq!(lines, items);
            let first = account.ledger.row(common).map(|row| row.outcome.clone());
            assert_eq!(first, Some(crate::domain::accounting::Outcome::Represented("Observation/0".to_owned())));
        }
    }
}
