//! The translator alone: heads, requests, whole replies and streams for every pair, and server-sent events.

mod samples;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::Duration;

use aiclient_dialects::sse::Decoder;
use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss, read_head};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn exchange(client: Dialect, upstream: Dialect) -> Exchange {
    Exchange::new(client, upstream, "id", 1, OnLoss::Report)
}

fn bytes(body: &str) -> Throughput {
    Throughput::Bytes(body.len() as u64)
}

fn heads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("head");
    for dialect in Dialect::ALL {
        for (size, length) in samples::SIZES {
            let body = samples::request(dialect, length);
            group.throughput(bytes(&body));
            group.bench_function(format!("{dialect}, {size}"), |bencher| {
                bencher.iter(|| read_head(dialect, black_box(body.as_bytes()), true))
            });
        }
    }
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    for (client, upstream) in samples::pairs() {
        for (size, length) in samples::SIZES {
            let body = samples::request(client, length);
            group.throughput(bytes(&body));
            group.bench_function(format!("{client} to {upstream}, {size}"), |bencher| {
                bencher.iter(|| {
                    let translated = exchange(client, upstream)
                        .request(black_box(body.as_bytes()), "model", false)
                        .map(|out| out.len());
                    black_box(translated)
                });
            });
        }
    }
}

fn responses(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("response");
    for (client, upstream) in samples::pairs() {
        for (size, length) in samples::SIZES {
            let body = samples::reply(upstream, length);
            group.throughput(bytes(&body));
            group.bench_function(format!("{upstream} to {client}, {size}"), |bencher| {
                bencher.iter(|| {
                    let translated =
                        exchange(client, upstream).response(black_box(body.as_bytes())).map(|(out, _)| out.len());
                    black_box(translated)
                });
            });
        }
    }
}

fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream event");
    for (client, upstream) in samples::pairs() {
        let sample = samples::stream(upstream);
        for events in [1, 16] {
            let chunk = sample.delta.repeat(events);
            group.throughput(Throughput::Elements(events as u64));
            group.bench_function(format!("{upstream} to {client}, {events} a chunk"), |bencher| {
                let mut stream = exchange(client, upstream).stream(Framing::Sse);
                let mut out = Vec::new();
                stream.feed(sample.opening.as_bytes(), &mut out);
                bencher.iter(|| {
                    out.clear();
                    stream.feed(black_box(chunk.as_bytes()), &mut out);
                    black_box(out.len())
                });
            });
        }
    }
}

/// Frames found without reading what is in them: whole, and cut in the middle of each.
fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("server-sent event");
    for dialect in Dialect::ALL {
        let delta = samples::stream(dialect).delta;
        let (head, tail) = delta.as_bytes().split_at(delta.len() / 2);
        group.throughput(bytes(delta));
        for (name, chunks) in [("whole", vec![delta.as_bytes()]), ("cut", vec![head, tail])] {
            group.bench_function(format!("{dialect}, {name}"), |bencher| {
                let mut decoder = Decoder::default();
                bencher.iter(|| {
                    for chunk in &chunks {
                        decoder.feed(black_box(chunk), |frame| {
                            let _seen = black_box(frame.is_ok());
                            ControlFlow::Continue(())
                        });
                    }
                });
            });
        }
    }
}

/// Short, because there are many: the instruction counts are what guards.
fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(30)
        .without_plots()
}

criterion_group!(name = benches; config = quick(); targets = heads, requests, responses, streams, frames);
criterion_main!(benches);
