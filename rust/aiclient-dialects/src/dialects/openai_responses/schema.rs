//! JSON Schemas towards OpenAI.

pub(super) use super::super::openai_schema::{is_strict, write_openapi};
