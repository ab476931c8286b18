//! Numbers that look random and are the same ones for the same seed, on every machine.

/// `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A sequence of its own for a seed and what it is for: that one is drawn from changes nothing for the others.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a
        let name = purpose
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut mixed = Self { state: seed ^ name };
        Self { state: mixed.draw() }
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `bound`, each as likely as the others; 0 where there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // What is above the last whole multiple would make the first ones more likely.
        let most = u64::MAX - u64::MAX % bound;
        loop {
            let drawn = self.draw();
            if drawn < most {
                return drawn % bound;
            }
        }
    }

    /// Yes in `of` cases out of `out_of`.
    pub fn chance(&mut self, of: u64, out_of: u64) -> bool {
        self.below(out_of) < of
    }

    /// Any order, each as likely as the others.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            let other = usize::try_from(self.below(end as u64 + 1)).unwrap_or(end);
            list.swap(end, other);
        }
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len() as u64);
        list.get(usize::try_from(at).unwrap_or_default())
    }

    /// The place of one of them, as likely as its weight is large; the last one where no weight is above 0.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // Output for the seed 1234567, of the reference implementation in C (prng.di.unimi.it/splitmix64.c).
        let mut random = Random { state: 1_234_567 };
        let drawn: Vec<u64> = (0..3).map(|_| random.draw()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_purpose_has_its_own_sequence_and_a_seed_always_the_same() {
        assert_eq!(Random::new(1, "a").draw(), Random::new(1, "a").draw());
        assert_ne!(Random::new(1, "a").draw(), Random::new(1, "b").draw());
        assert_ne!(Random::new(1, "a").draw(), Random::new(2, "a").draw());
    }

    #[test]
    fn a_shuffle_keeps_everything_and_a_bound_holds() {
        let mut random = Random::new(7, "test");
        let mut list: Vec<u32> = (0..100).collect();
        random.shuffle(&mut list);
        assert_ne!(list, (0..100).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..100).collect::<Vec<_>>());
        let mut seen = [0_u32; 3];
        for _ in 0..3_000 {
            seen[usize::try_from(random.below(3)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (900..1_100).contains(count)), "{seen:?}");
        assert_eq!((random.below(0), random.below(1), random.weighted(&[0, 5, 0])), (0, 0, 1));
    }
}
