//! Token counts, in one convention.

/// Tokens of one exchange. Input includes cached tokens, output includes reasoning, whatever the vendor counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, cached ones and cache writes included.
    pub input_tokens: u64,
    /// Tokens of the answer, reasoning included.
    pub output_tokens: u64,
    /// Of the input: read from a cache.
    pub cache_read_tokens: u64,
    /// Of the input: written to a cache.
    pub cache_write_tokens: u64,
    /// Of the output: reasoning.
    pub reasoning_tokens: u64,
    /// Whether the upstream said nothing, and these numbers are made from the length of what went by.
    pub estimated: bool,
}

/// Bytes of a body, or of a text in it, that a token stands for, roughly.
const BYTES_A_TOKEN: u64 = 4;

impl Usage {
    /// Numbers for an upstream that gives none: never 0, from the length of the request and of what was answered.
    pub(crate) fn estimate(asked: usize, answered: usize) -> Self {
        let tokens = |bytes: usize| (bytes as u64 / BYTES_A_TOKEN).max(1);
        Self { input_tokens: tokens(asked), output_tokens: tokens(answered), estimated: true, ..Self::default() }
    }

    /// Input tokens that were neither read from nor written to a cache.
    pub fn uncached_input_tokens(&self) -> u64 {
        self.input_tokens.saturating_sub(self.cache_read_tokens + self.cache_write_tokens)
    }

    /// Output tokens that are not reasoning.
    pub fn answer_tokens(&self) -> u64 {
        self.output_tokens.saturating_sub(self.reasoning_tokens)
    }

    /// Input and output.
    pub fn total_tokens(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }
}
