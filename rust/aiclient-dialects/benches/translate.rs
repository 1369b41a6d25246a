//! The translator alone: requests, whole replies and streams, for every pair.

use std::hint::black_box;

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SERVED: [Dialect; 3] = [Dialect::OpenAiChat, Dialect::Anthropic, Dialect::Gemini];

/// A request with a system prompt and `turns` turns of about 1.5 KB.
fn request(dialect: Dialect, turns: usize) -> String {
    let text =
        "Each chunk carries one delta; some hold caf\\u00e9 or \\\"quoted\\\" words, others plain ASCII. ".repeat(16);
    let role = |turn: usize, assistant: &'static str| if turn.is_multiple_of(2) { "user" } else { assistant };
    let join = |turns: Vec<String>| turns.join(",");
    match dialect {
        Dialect::Gemini => {
            let contents = (0..turns)
                .map(|turn| format!(r#"{{"role":"{}","parts":[{{"text":"{text}"}}]}}"#, role(turn, "model")))
                .collect();
            format!(
                r#"{{"systemInstruction":{{"parts":[{{"text":"Be brief."}}]}},"contents":[{}],"generationConfig":{{"maxOutputTokens":100}}}}"#,
                join(contents)
            )
        }
        Dialect::Anthropic => {
            let messages = (0..turns)
                .map(|turn| {
                    format!(r#"{{"role":"{}","content":[{{"type":"text","text":"{text}"}}]}}"#, role(turn, "assistant"))
                })
                .collect();
            format!(r#"{{"model":"m","max_tokens":100,"system":"Be brief.","messages":[{}]}}"#, join(messages))
        }
        _ => {
            let messages = (0..turns)
                .map(|turn| format!(r#"{{"role":"{}","content":"{text}"}}"#, role(turn, "assistant")))
                .collect();
            format!(
                r#"{{"model":"m","max_tokens":100,"messages":[{{"role":"system","content":"Be brief."}},{}]}}"#,
                join(messages)
            )
        }
    }
}

/// One text event of a stream, and what must come before it.
fn stream(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Anthropic => (
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" gateway\"}}\n\n",
        ),
        Dialect::Gemini => (
            "",
            "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \" gateway\"}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9,\"candidatesTokenCount\": 5,\"totalTokenCount\": 14},\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"n2KJaJ3dNo6tmtkPy7iBkQc\"}\r\n\r\n",
        ),
        _ => (
            "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1741570283,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
            "data: {\"id\":\"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG\",\"object\":\"chat.completion.chunk\",\"created\":1741570283,\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_fc9f1d7035\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" gateway\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
        ),
    }
}

fn pairs() -> impl Iterator<Item = (Dialect, Dialect)> {
    SERVED.into_iter().flat_map(|client| SERVED.into_iter().map(move |upstream| (client, upstream)))
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    for (client, upstream) in pairs() {
        for (size, turns) in [("1.5 KB", 1), ("64 KB", 41)] {
            let body = request(client, turns);
            group.throughput(Throughput::Bytes(body.len() as u64));
            group.bench_function(format!("{client} to {upstream}, {size}"), |bencher| {
                bencher.iter(|| {
                    let mut exchange = Exchange::new(client, upstream, "id", 1, OnLoss::Report);
                    black_box(exchange.request(black_box(body.as_bytes()), "model", false).map(|out| out.len()))
                });
            });
        }
    }
}

fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream event");
    for (client, upstream) in pairs() {
        let (head, event) = stream(upstream);
        for events in [1, 16] {
            let chunk = event.repeat(events);
            group.throughput(Throughput::Elements(events as u64));
            group.bench_function(format!("{upstream} to {client}, {events} a chunk"), |bencher| {
                let mut stream = Exchange::new(client, upstream, "id", 1, OnLoss::Report).stream(Framing::Sse);
                let mut out = Vec::new();
                stream.feed(head.as_bytes(), &mut out);
                bencher.iter(|| {
                    out.clear();
                    stream.feed(black_box(chunk.as_bytes()), &mut out);
                    black_box(out.len())
                });
            });
        }
    }
}

criterion_group!(benches, requests, streams);
criterion_main!(benches);
