//! What the benchmarks translate: a request, a reply and a stream in each dialect, all of the same content.

mod replies;
mod requests;
mod streams;

pub(crate) use replies::reply;
pub(crate) use requests::request;
pub(crate) use streams::stream;

use aiclient_dialects::Dialect;

/// Bytes of a request and of a reply, about.
pub(crate) const SIZES: [(&str, usize); 2] = [("1 KB", 1_000), ("65 KB", 65_000)];

/// Every client in front of every upstream.
pub(crate) fn pairs() -> impl Iterator<Item = (Dialect, Dialect)> {
    Dialect::ALL.into_iter().flat_map(|client| Dialect::ALL.into_iter().map(move |upstream| (client, upstream)))
}

/// A sentence with what JSON has to escape, as it stands in a JSON string.
const SENTENCE: &str = r#"Kyoto, for the cherry trees; Granada, \"before the heat\"; Suzhou, 因为园林。\n"#;

fn text(size: usize) -> String {
    SENTENCE.repeat(size.div_ceil(SENTENCE.len()))
}
