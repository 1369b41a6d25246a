//! What is told of an exchange once it is over, in one call: it is counted, and its line is written.

mod counts;
mod ended;
mod groups;
mod histogram;
mod kinds;
mod log_line;
mod record;

pub(crate) use counts::Counts;
pub(crate) use record::{AttemptFacts, ExchangeFacts};
