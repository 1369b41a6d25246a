//! Model and stream flag.

pub(super) use super::super::body_head::read_head;
