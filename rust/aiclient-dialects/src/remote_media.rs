//! Media that a request names by their address, and that an upstream takes only as bytes.
//!
//! Nothing is fetched here: the addresses are listed, and what somebody fetched is put in their place, in the client's
//! own dialect, before the request is translated.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::dialect::Dialect;
use crate::json::{Node, parse};

/// A medium by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteMedium {
    /// JSON Pointer of what names it.
    pub pointer: String,
    /// Its address.
    pub url: String,
}

/// What was fetched: media type, and bytes in base64.
pub type Fetched = BTreeMap<String, (String, String)>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Image,
    Document,
}

/// The media of a request that this upstream takes only as bytes; none if the body cannot be read.
pub fn remote_media(client: Dialect, upstream: Dialect, body: &str) -> Vec<RemoteMedium> {
    let mut found = Vec::new();
    if client == upstream || !body.contains("http") {
        return found;
    }
    if let Ok(tree) = parse::<Node<'_>>(body) {
        list(&tree, client, upstream, "", &mut found);
    }
    found
}

/// The request with what was fetched in place of the addresses.
pub fn with_media(client: Dialect, body: &str, fetched: &Fetched) -> String {
    let Ok(mut tree) = parse::<Node<'_>>(body) else { return body.to_owned() };
    put(&mut tree, client, fetched);
    tree.to_text()
}

/// Gemini takes no address of another's, Chat has none for documents.
fn needs_bytes(upstream: Dialect, kind: Kind) -> bool {
    upstream == Dialect::Gemini || (upstream == Dialect::OpenAiChat && kind == Kind::Document)
}

fn list(node: &Node<'_>, client: Dialect, upstream: Dialect, pointer: &str, found: &mut Vec<RemoteMedium>) {
    if let Some((_, url)) = reference(node, client).filter(|(kind, _)| needs_bytes(upstream, *kind)) {
        return found.push(RemoteMedium { pointer: pointer.to_owned(), url });
    }
    match node {
        Node::Object(members) => {
            for (key, value) in members.iter().filter(|(key, _)| !is_data(key)) {
                let key = key.replace('~', "~0").replace('/', "~1");
                list(value, client, upstream, &format!("{pointer}/{key}"), found);
            }
        }
        Node::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                list(element, client, upstream, &format!("{pointer}/{index}"), found);
            }
        }
        Node::Leaf(_) => {}
    }
}

/// The user's own JSON, in which nothing is content.
fn is_data(key: &str) -> bool {
    matches!(key, "arguments" | "args" | "input_schema" | "tools" | "schema" | "response_format" | "metadata")
}

fn put(node: &mut Node<'_>, client: Dialect, fetched: &Fetched) {
    if let Some((media_type, data)) = reference(node, client).and_then(|(_, url)| fetched.get(&url)) {
        return replace(node, client, media_type, data);
    }
    match node {
        Node::Object(members) => {
            members.iter_mut().filter(|(key, _)| !is_data(key)).for_each(|(_, value)| put(value, client, fetched));
        }
        Node::Array(elements) => elements.iter_mut().for_each(|element| put(element, client, fetched)),
        Node::Leaf(_) => {}
    }
}

fn text_of(node: &Node<'_>, path: &[&str]) -> Option<String> {
    path.iter().try_fold(node, |node, key| node.get(key)).and_then(Node::as_text).map(Cow::into_owned)
}

/// The address that a piece of content names.
fn reference(node: &Node<'_>, client: Dialect) -> Option<(Kind, String)> {
    let kind = text_of(node, &["type"]);
    let found = match (client, kind.as_deref()) {
        (Dialect::OpenAiChat, Some("image_url")) => {
            (Kind::Image, text_of(node, &["image_url", "url"]).or_else(|| text_of(node, &["image_url"]))?)
        }
        (Dialect::OpenAiChat, Some("file")) => (Kind::Document, text_of(node, &["file", "file_data"])?),
        (Dialect::OpenAiResponses, Some("input_image")) => (Kind::Image, text_of(node, &["image_url"])?),
        (Dialect::OpenAiResponses, Some("input_file")) => (Kind::Document, text_of(node, &["file_url"])?),
        (Dialect::Anthropic, Some("image")) => (Kind::Image, text_of(node, &["source", "url"])?),
        (Dialect::Anthropic, Some("document")) => (Kind::Document, text_of(node, &["source", "url"])?),
        (Dialect::Gemini, _) => {
            let url = text_of(node, &["fileData", "fileUri"]).or_else(|| text_of(node, &["file_data", "file_uri"]))?;
            let media_type = text_of(node, &["fileData", "mimeType"]).unwrap_or_default();
            (if media_type.starts_with("image/") { Kind::Image } else { Kind::Document }, url)
        }
        _ => return None,
    };
    (found.1.starts_with("http://") || found.1.starts_with("https://")).then_some(found)
}

fn object<'a>(members: &[(&'static str, &str)]) -> Node<'a> {
    Node::Object(members.iter().map(|(key, text)| (Cow::Borrowed(*key), Node::string(text))).collect())
}

fn replace(node: &mut Node<'_>, client: Dialect, media_type: &str, data: &str) {
    let data_url = Node::string(&format!("data:{media_type};base64,{data}"));
    match client {
        Dialect::OpenAiChat => {
            if let Some(inner @ Node::Object(_)) = node.get_mut("image_url") {
                inner.set("url", data_url);
            } else if let Some(file) = node.get_mut("file") {
                file.set("file_data", data_url);
            } else {
                node.set("image_url", Node::Object(vec![(Cow::Borrowed("url"), data_url)]));
            }
        }
        Dialect::OpenAiResponses => {
            let key = if node.remove("file_url").is_some() { "file_data" } else { "image_url" };
            node.set(key, data_url);
        }
        Dialect::Anthropic => {
            node.set("source", object(&[("type", "base64"), ("media_type", media_type), ("data", data)]));
        }
        Dialect::Gemini => {
            node.remove("fileData");
            node.remove("file_data");
            node.set("inlineData", object(&[("mimeType", media_type), ("data", data)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_found_and_replaced() {
        let fetched = Fetched::from([("https://a.example/x".to_owned(), ("image/png".to_owned(), "AA==".to_owned()))]);
        for (client, body, pointer, expected) in [
            (
                Dialect::OpenAiChat,
                r#"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"https://a.example/x","detail":"low"}}]}]}"#,
                "/messages/0/content/0",
                r#"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}]}]}"#,
            ),
            (
                Dialect::OpenAiResponses,
                r#"{"input":[{"content":[{"type":"input_file","file_url":"https://a.example/x"}]}]}"#,
                "/input/0/content/0",
                r#"{"input":[{"content":[{"type":"input_file","file_data":"data:image/png;base64,AA=="}]}]}"#,
            ),
            (
                Dialect::Anthropic,
                r#"{"messages":[{"content":[{"type":"image","source":{"type":"url","url":"https://a.example/x"}}]}]}"#,
                "/messages/0/content/0",
                r#"{"messages":[{"content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]}"#,
            ),
        ] {
            let found = remote_media(client, Dialect::Gemini, body);
            assert_eq!(found, [RemoteMedium { pointer: pointer.to_owned(), url: "https://a.example/x".to_owned() }]);
            assert_eq!(with_media(client, body, &fetched), expected);
            assert_eq!(remote_media(client, Dialect::OpenAiResponses, body), []);
        }
    }

    #[test]
    fn only_documents_need_bytes_for_chat() {
        let body = r#"{"messages":[{"content":[{"type":"image","source":{"type":"url","url":"https://a.example/i"}},{"type":"document","source":{"type":"url","url":"https://a.example/d"}},{"type":"tool_use","input":{"type":"document","source":{"url":"x"}}}]}]}"#;
        let found = remote_media(Dialect::Anthropic, Dialect::OpenAiChat, body);
        assert_eq!(found.into_iter().map(|medium| medium.url).collect::<Vec<_>>(), ["https://a.example/d"]);
    }
}
