//! Error answers.

pub(super) use super::super::openai_errors::{status, write_error, write_member};
