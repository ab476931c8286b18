//! Reading a text from left to right.

/// What is left of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Steps over `token`, if it is next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(token) else { return false };
        self.rest = rest;
        true
    }

    /// Steps over the next bytes that `accept` takes, none or more; `accept` must take ASCII only.
    pub(super) fn take_while(&mut self, accept: impl Fn(u8) -> bool) -> &'a str {
        let end = self.rest.bytes().position(|byte| !accept(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or(("", self.rest));
        self.rest = rest;
        taken
    }

    /// A whole number from 1, without leading zero and below a thousand million.
    pub(super) fn number(&mut self) -> Option<u32> {
        const MAX_DIGITS: usize = 9;
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        if digits.starts_with('0') || digits.len() > MAX_DIGITS {
            return None;
        }
        digits.parse().ok()
    }

    /// `[12]` or `[(10_12)]`: a number of copies.
    pub(super) fn copies(&mut self) -> Option<()> {
        let read = self.eat("[")
            && if self.eat("(") {
                self.bound().is_some() && self.eat("_") && self.bound().is_some() && self.eat(")")
            } else {
                self.number().is_some()
            }
            && self.eat("]");
        read.then_some(())
    }

    fn bound(&mut self) -> Option<()> {
        (self.eat("?") || self.number().is_some()).then_some(())
    }
}
