//! Embeddings, between OpenAI's and Gemini's APIs.
//!
//! References: platform.openai.com/docs/api-reference/embeddings, ai.google.dev/api/embeddings.

use crate::dialect::Dialect;
use crate::dialects::encode_base64;
use crate::error::{Error, Refusal};
use crate::exchange::{as_json_text, unreadable};
use crate::json::{Invalid, Kind, Literal, Number, Raw, json_object, parse, write_object};
use crate::loss::{Feature, Loss, Losses, OnLoss, Side};

/// How texts to embed are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddingForm {
    /// OpenAI: `input`.
    OpenAi,
    /// Gemini `:embedContent`: one content.
    GeminiOne,
    /// Gemini `:batchEmbedContents`: requests.
    GeminiBatch,
}

impl EmbeddingForm {
    /// The dialect of whoever asks so.
    pub fn dialect(self) -> Dialect {
        if self == Self::OpenAi { Dialect::OpenAiChat } else { Dialect::Gemini }
    }
}

/// Translates one request for embeddings, then its reply.
#[derive(Debug)]
pub struct EmbeddingExchange {
    client: EmbeddingForm,
    upstream: EmbeddingForm,
    on_loss: OnLoss,
    losses: Vec<Loss>,
    model: String,
    base64: bool,
}

json_object! {
    struct OpenAiRequest<'a> {
        model: Literal<'a> = "model",
        input: Raw<'a> = "input",
        dimensions: Number<'a> = "dimensions",
        encoding_format: Literal<'a> = "encoding_format",
        user: Raw<'a> = "user",
        ..unknown
    }
}

json_object! {
    struct GeminiRequest<'a> {
        model: Literal<'a> = "model",
        content: Content<'a> = "content",
        requests: Vec<GeminiRequest<'a>> = "requests",
        output_dimensionality: Number<'a> = "outputDimensionality" | "output_dimensionality",
        ..unknown
    }
}

json_object! {
    struct Content<'a> {
        parts: Vec<TextPart<'a>> = "parts",
        ..ignored
    }
}

json_object! {
    struct TextPart<'a> {
        text: Literal<'a> = "text",
        ..unknown
    }
}

json_object! {
    struct OpenAiReply<'a> {
        data: Vec<OpenAiVector<'a>> = "data",
        usage: OpenAiUsage<'a> = "usage",
        ..ignored
    }
}

json_object! {
    struct OpenAiVector<'a> {
        index: Number<'a> = "index",
        embedding: Raw<'a> = "embedding",
        ..ignored
    }
}

json_object! {
    struct OpenAiUsage<'a> {
        prompt_tokens: Number<'a> = "prompt_tokens",
        ..ignored
    }
}

json_object! {
    struct GeminiReply<'a> {
        embedding: GeminiVector<'a> = "embedding",
        embeddings: Vec<GeminiVector<'a>> = "embeddings",
        usage_metadata: GeminiUsage<'a> = "usageMetadata",
        ..ignored
    }
}

json_object! {
    struct GeminiVector<'a> {
        values: Raw<'a> = "values",
        ..ignored
    }
}

json_object! {
    struct GeminiUsage<'a> {
        prompt_tokens: Number<'a> = "promptTokenCount",
        ..ignored
    }
}

/// What is asked, in no vendor's words.
struct Asked<'a> {
    texts: Vec<Vec<Literal<'a>>>,
    dimensions: Option<Number<'a>>,
}

impl EmbeddingExchange {
    /// An exchange between a client and an upstream of these forms.
    pub fn new(client: EmbeddingForm, upstream: EmbeddingForm, on_loss: OnLoss) -> Self {
        Self { client, upstream, on_loss, losses: Vec::new(), model: String::new(), base64: false }
    }

    /// What could not be carried.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// The request for the upstream.
    pub fn request(&mut self, body: &[u8], model: &str) -> Result<Vec<u8>, Error> {
        let text = as_json_text(body)?;
        let upstream = self.upstream.dialect().name();
        let mut losses = Losses::default();
        let asked = self.read(text, &mut losses).map_err(|refusal| refusal.locate(text, upstream))?;
        if let (OnLoss::Reject, Some(refusal)) = (self.on_loss, losses.first()) {
            return Err(refusal.locate(text, upstream));
        }
        self.losses = losses.locate(text, Side::Request);
        let mut out = Vec::with_capacity(body.len() + 128);
        if self.upstream == EmbeddingForm::OpenAi {
            write_openai_request(&asked, model, &mut out);
        } else {
            write_gemini_request(&asked, model, &mut out);
        }
        Ok(out)
    }

    /// The reply for the client.
    pub fn response(&self, body: &[u8]) -> Result<Vec<u8>, Error> {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let (vectors, tokens) = self.read_reply(text).map_err(|invalid| Error::Upstream(unreadable(text, invalid)))?;
        let mut out = Vec::with_capacity(body.len());
        match self.client {
            EmbeddingForm::OpenAi => self.write_openai_reply(&vectors, tokens, &mut out),
            EmbeddingForm::GeminiOne => write_object(&mut out, |reply| {
                if let Some(values) = vectors.first() {
                    reply.object("embedding", |embedding| embedding.field("values", *values));
                }
            }),
            EmbeddingForm::GeminiBatch => write_object(&mut out, |reply| {
                reply.array("embeddings", |list| {
                    vectors.iter().for_each(|values| list.object(|embedding| embedding.field("values", *values)));
                });
            }),
        }
        Ok(out)
    }

    fn read<'a>(&mut self, body: &'a str, losses: &mut Losses) -> Result<Asked<'a>, Refusal> {
        if self.client == EmbeddingForm::OpenAi {
            let request: OpenAiRequest<'a> = parse(body)?;
            self.model = request.model.map(|model| model.decode().into_owned()).unwrap_or_default();
            self.base64 = request.encoding_format.is_some_and(|format| format == *"base64");
            if request.user.is_some() {
                losses.hint();
            }
            report(&request.unknown, losses);
            let missing = || Refusal::malformed(request.place.field("input"), "a string or an array of strings");
            let input = request.input.ok_or_else(missing)?;
            return Ok(Asked { texts: read_input(input, losses)?, dimensions: request.dimensions });
        }
        let request: GeminiRequest<'a> = parse(body)?;
        report(&request.unknown, losses);
        let requests =
            if self.client == EmbeddingForm::GeminiOne { vec![request] } else { request.requests.unwrap_or_default() };
        let dimensions = requests.iter().find_map(|request| request.output_dimensionality);
        let texts = requests.iter().map(|request| read_content(request, losses)).collect::<Result<_, _>>()?;
        Ok(Asked { texts, dimensions })
    }

    fn read_reply<'a>(&self, body: &'a str) -> Result<(Vec<Raw<'a>>, u64), Invalid> {
        let count = |number: Option<Number<'_>>| number.and_then(Number::as_u64).unwrap_or(0);
        if self.upstream == EmbeddingForm::OpenAi {
            let reply: OpenAiReply<'a> = parse(body)?;
            let missing = Invalid { place: reply.place.field("data"), expected: "an array of embeddings" };
            let mut data = reply.data.ok_or(missing)?;
            data.sort_by_key(|vector| count(vector.index));
            let tokens = count(reply.usage.and_then(|usage| usage.prompt_tokens));
            return Ok((data.into_iter().filter_map(|vector| vector.embedding).collect(), tokens));
        }
        let reply: GeminiReply<'a> = parse(body)?;
        let missing = Invalid { place: reply.place.field("embeddings"), expected: "an array of embeddings" };
        let vectors = reply.embeddings.or(reply.embedding.map(|one| vec![one])).ok_or(missing)?;
        let tokens = count(reply.usage_metadata.and_then(|usage| usage.prompt_tokens));
        Ok((vectors.into_iter().filter_map(|vector| vector.values).collect(), tokens))
    }

    fn write_openai_reply(&self, vectors: &[Raw<'_>], tokens: u64, out: &mut Vec<u8>) {
        write_object(out, |reply| {
            reply.field("object", "list");
            reply.array("data", |data| {
                for (index, values) in vectors.iter().enumerate() {
                    data.object(|vector| {
                        vector.field("object", "embedding");
                        vector.field("index", index as u64);
                        if self.base64 {
                            vector.field("embedding", in_base64(*values));
                        } else {
                            vector.field("embedding", *values);
                        }
                    });
                }
            });
            reply.field("model", self.model.as_str());
            reply.object("usage", |usage| {
                usage.field("prompt_tokens", tokens);
                usage.field("total_tokens", tokens);
            });
        });
    }
}

fn report(unknown: &[crate::json::Unknown<'_>], losses: &mut Losses) {
    for member in unknown.iter().filter(|member| !member.is_void()) {
        losses.report(member.place(), Feature::UnknownField);
    }
}

/// A string, or an array of strings; tokens mean something to their own vendor only.
fn read_input<'a>(input: Raw<'a>, losses: &Losses) -> Result<Vec<Vec<Literal<'a>>>, Refusal> {
    let expected = "a string or an array of strings";
    match input.kind() {
        Kind::String => Ok(vec![vec![input.read::<Literal<'a>>()?]]),
        Kind::Array => {
            let mut texts = Vec::new();
            for element in input.read::<Vec<Raw<'a>>>()? {
                match element.kind() {
                    Kind::String => texts.push(vec![element.read::<Literal<'a>>()?]),
                    Kind::Number | Kind::Array => return losses.refuse(element.place(), Feature::TokenInput),
                    _ => return Err(Refusal::malformed(element.place(), expected)),
                }
            }
            Ok(texts)
        }
        _ => Err(Refusal::malformed(input.place(), expected)),
    }
}

fn read_content<'a>(request: &GeminiRequest<'a>, losses: &mut Losses) -> Result<Vec<Literal<'a>>, Refusal> {
    if request.requests.is_none() {
        report(&request.unknown, losses);
    }
    let missing = || Refusal::malformed(request.place.field("content"), "a content with parts");
    let parts = request.content.as_ref().and_then(|content| content.parts.as_ref()).ok_or_else(missing)?;
    if let Some(other) = parts.iter().flat_map(|part| &part.unknown).next() {
        return losses.refuse(other.place(), Feature::NativeBlock);
    }
    Ok(parts.iter().filter_map(|part| part.text).collect())
}

fn write_openai_request(asked: &Asked<'_>, model: &str, out: &mut Vec<u8>) {
    write_object(out, |request| {
        request.field("model", model);
        request.array("input", |list| {
            for text in &asked.texts {
                list.element(joined(text).as_str());
            }
        });
        request.optional("dimensions", asked.dimensions);
        request.field("encoding_format", "float");
    });
}

fn write_gemini_request(asked: &Asked<'_>, model: &str, out: &mut Vec<u8>) {
    let name = format!("models/{}", model.strip_prefix("models/").unwrap_or(model));
    write_object(out, |body| {
        body.array("requests", |requests| {
            for text in &asked.texts {
                requests.object(|request| {
                    request.field("model", name.as_str());
                    request.object("content", |content| {
                        content.array("parts", |parts| parts.object(|part| part.field("text", joined(text))));
                    });
                    request.optional("outputDimensionality", asked.dimensions);
                });
            }
        });
    });
}

fn joined(texts: &[Literal<'_>]) -> String {
    texts.iter().map(|text| text.decode()).collect::<Vec<_>>().join("\n")
}

/// Little-endian 32-bit floats in base64, as OpenAI's SDKs ask for them.
fn in_base64(values: Raw<'_>) -> String {
    let numbers: Vec<Number<'_>> = values.read().unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "the format has 32 bits")]
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| (number.as_f64() as f32).to_le_bytes()).collect();
    encode_base64(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EmbeddingForm::{GeminiBatch, GeminiOne, OpenAi};

    fn translated(
        client: EmbeddingForm,
        upstream: EmbeddingForm,
        asked: &str,
        told: &str,
    ) -> (String, String, Vec<String>) {
        let mut exchange = EmbeddingExchange::new(client, upstream, OnLoss::Report);
        let request = exchange.request(asked.as_bytes(), "m").unwrap_or_default();
        let reply = exchange.response(told.as_bytes()).unwrap_or_default();
        let text = |bytes| String::from_utf8(bytes).unwrap_or_default();
        (text(request), text(reply), exchange.losses().iter().map(|loss| loss.pointer.clone()).collect())
    }

    #[test]
    fn texts_are_asked_and_vectors_come_back() {
        assert_eq!(
            translated(
                OpenAi,
                GeminiBatch,
                r#"{"model":"e","input":["a","b"],"dimensions":2,"user":"u"}"#,
                r#"{"embeddings":[{"values":[0.10,1]},{"values":[2,-3e-5]}]}"#
            ),
            (
                r#"{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":2},{"model":"models/m","content":{"parts":[{"text":"b"}]},"outputDimensionality":2}]}"#.to_owned(),
                r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,1]},{"object":"embedding","index":1,"embedding":[2,-3e-5]}],"model":"e","usage":{"prompt_tokens":0,"total_tokens":0}}"#.to_owned(),
                vec![]
            )
        );
        assert_eq!(
            translated(
                GeminiOne,
                OpenAi,
                r#"{"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY"}"#,
                r#"{"data":[{"index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":3}}"#
            ),
            (
                r#"{"model":"m","input":["a"],"encoding_format":"float"}"#.to_owned(),
                r#"{"embedding":{"values":[0.5]}}"#.to_owned(),
                vec!["/taskType".to_owned()]
            )
        );
    }

    #[test]
    fn floats_come_as_bytes_where_that_is_asked() {
        let asked = r#"{"model":"e","input":"a","encoding_format":"base64"}"#;
        let (_, reply, _) = translated(OpenAi, GeminiBatch, asked, r#"{"embeddings":[{"values":[1,0.5]}]}"#);
        assert!(reply.contains(r#""embedding":"AACAPwAAAD8=""#), "{reply}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (client, body, expected) in [
            (
                OpenAi,
                r#"{"input":[1,2]}"#,
                "/input/0: token_input cannot be translated to gemini: tokens in place of text",
            ),
            (OpenAi, "{}", "/input: expected a string or an array of strings"),
            (GeminiOne, "{}", "/content: expected a content with parts"),
        ] {
            let upstream = if client == OpenAi { GeminiBatch } else { OpenAi };
            let refused = EmbeddingExchange::new(client, upstream, OnLoss::Report).request(body.as_bytes(), "m");
            assert_eq!(refused.map_err(|error| error.to_string()), Err(expected.to_owned()));
        }
    }
}
