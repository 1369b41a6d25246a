//! Each case once, in a function that an instruction counter can tell apart: `make bench-check` runs this under callgrind.
//!
//! With `--list` it prints the names of its cases, in the order in which `counted` is called for them; with a word, only
//! cases whose names have it run, for a profile. A case runs once before it is counted, so that what is made at first
//! use does not count.

mod samples;

use std::hint::black_box;

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss, read_head};

/// Enough deltas that what a stream costs to open does not count for much.
const EVENTS: usize = 64;

struct Case {
    name: String,
    run: Box<dyn Fn() -> usize>,
}

/// What the counter counts. The name is known to `benches/guard`.
#[inline(never)]
fn counted(case: &Case) -> usize {
    (case.run)()
}

fn main() {
    let (options, words): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let only_names = options.iter().any(|option| option == "--list");
    for case in cases().filter(|case| words.iter().all(|word| case.name.contains(word))) {
        if only_names {
            println!("{}", case.name);
        } else {
            black_box((case.run)());
            black_box(counted(black_box(&case)));
        }
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let heads = Dialect::ALL.into_iter().flat_map(|dialect| samples::SIZES.map(|size| head(dialect, size)));
    let pairs = samples::pairs().flat_map(|(client, upstream)| {
        let requests = samples::SIZES.map(|size| request(client, upstream, size));
        let responses = samples::SIZES.map(|size| response(client, upstream, size));
        let streams = [1, 16].map(|chunk| stream(client, upstream, chunk));
        requests.into_iter().chain(responses).chain(streams)
    });
    heads.chain(pairs)
}

fn exchange(client: Dialect, upstream: Dialect) -> Exchange {
    Exchange::new(client, upstream, "id", 1, OnLoss::Report)
}

fn head(dialect: Dialect, (size, length): (&str, usize)) -> Case {
    let body = samples::request(dialect, length);
    let name = format!("head of {dialect}, {size}");
    Case { name, run: Box::new(move || usize::from(read_head(dialect, body.as_bytes(), true).is_ok())) }
}

fn request(client: Dialect, upstream: Dialect, (size, length): (&str, usize)) -> Case {
    let body = samples::request(client, length);
    let name = format!("request {client} > {upstream}, {size}");
    let run = move || {
        let mut exchange = exchange(client, upstream);
        exchange.request(body.as_bytes(), "model", false).map_or(0, |out| out.len())
    };
    Case { name, run: Box::new(run) }
}

fn response(client: Dialect, upstream: Dialect, (size, length): (&str, usize)) -> Case {
    let body = samples::reply(upstream, length);
    let name = format!("response {client} > {upstream}, {size}");
    let run = move || exchange(client, upstream).response(body.as_bytes()).map_or(0, |(out, _)| out.len());
    Case { name, run: Box::new(run) }
}

fn stream(client: Dialect, upstream: Dialect, events: usize) -> Case {
    let sample = samples::stream(upstream);
    let chunk = sample.delta.repeat(events);
    let name = format!("stream {client} > {upstream}, {events} a chunk");
    let run = move || {
        let mut stream = exchange(client, upstream).stream(Framing::Sse);
        let mut out = Vec::new();
        stream.feed(sample.opening.as_bytes(), &mut out);
        for _ in 0..EVENTS / events {
            out.clear();
            stream.feed(chunk.as_bytes(), &mut out);
        }
        out.len()
    };
    Case { name, run: Box::new(run) }
}
