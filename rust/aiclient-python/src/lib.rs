//! `aiclient._native`: the translator, and the reader of upstreams' answers, for Python.
//!
//! Converts arguments, calls `aiclient-dialects` or `aiclient-http`, maps the error. A rule about a format here would be
//! a bug.

mod counting;
mod embeddings;
mod errors;
mod factory;
mod head;
mod http;
mod media;
mod memory;
mod models;
mod overlay;
mod stream;
mod telemetry;
mod translator;
mod types;

use pyo3::prelude::*;

/// The translator between the wire formats of LLM APIs.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::counting::{estimate_tokens, write_count};
    #[pymodule_export]
    use super::embeddings::EmbeddingTranslator;
    #[pymodule_export]
    use super::errors::{error_status, write_error};
    #[pymodule_export]
    use super::factory::TranslatorFactory;
    #[pymodule_export]
    use super::head::{RequestHead, read_head};
    #[pymodule_export]
    use super::http::ResponseReader;
    #[pymodule_export]
    use super::media::{remote_media, with_media};
    #[pymodule_export]
    use super::memory::ReasoningMemory;
    #[pymodule_export]
    use super::models::ModelTable;
    #[pymodule_export]
    use super::overlay::overlay;
    #[pymodule_export]
    use super::stream::StreamTranslator;
    #[pymodule_export]
    use super::telemetry::{AttemptFacts, Counts, ExchangeFacts};
    #[pymodule_export]
    use super::translator::Translator;
    #[pymodule_export]
    use super::types::{Failure, Loss, Usage};
}

/// Bodies from this size on are translated without holding the interpreter: below it, letting go and taking it
/// back costs more than it gives other threads.
const DETACH_FROM: usize = 256 * 1024;

/// Run `work`, without the interpreter if the body is large.
fn detached<T: Send>(py: Python<'_>, size: usize, work: impl FnOnce() -> T + Send) -> T {
    if size >= DETACH_FROM { py.detach(work) } else { work() }
}
