//! The elements of a JSON array that arrives in pieces: Gemini's stream without `alt=sse`.

use std::ops::ControlFlow;

/// Cuts a growing `[{...},{...}]` into its elements.
///
/// Looks only at brackets and strings; whether an element is valid JSON is for its reader to say.
#[derive(Debug, Default)]
pub struct ArrayStream {
    /// Bytes of the element that is not complete yet.
    pending: Vec<u8>,
    /// An element has come; what was before the first one belongs to it.
    begun: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl ArrayStream {
    /// Take in the next bytes and hand each element that is now complete to `element`, until that breaks off.
    ///
    /// Returns how many bytes of `chunk` lie outside the element that is not complete yet.
    pub fn feed(&mut self, chunk: &[u8], mut element: impl FnMut(&[u8]) -> ControlFlow<()>) -> usize {
        let mut boundary = 0;
        for (at, &byte) in chunk.iter().enumerate() {
            if self.step(byte) {
                if element(&self.pending).is_break() {
                    return boundary;
                }
                self.pending.clear();
                self.begun = true;
            }
            if self.depth == 0 && self.begun {
                boundary = at + 1;
            }
        }
        boundary
    }

    /// What was begun and not completed, if anything.
    pub fn rest(&self) -> &[u8] {
        &self.pending
    }

    /// Take in one byte; true when it completes an element.
    fn step(&mut self, byte: u8) -> bool {
        if self.depth > 0 {
            self.pending.push(byte);
        }
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return false;
        }
        match byte {
            b'"' => self.in_string = self.depth > 0,
            b'{' => {
                if self.depth == 0 {
                    self.pending.push(byte);
                }
                self.depth += 1;
            }
            b'}' if self.depth > 0 => {
                self.depth -= 1;
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_out_whole_however_they_arrive() {
        let body = b"[{\"a\":\"}\\\"{\"}\r\n,\r\n{\"b\":{\"c\":[1]}}]";
        for step in 1..body.len() {
            let (mut stream, mut seen) = (ArrayStream::default(), Vec::new());
            for chunk in body.chunks(step) {
                stream.feed(chunk, |element| {
                    seen.push(String::from_utf8_lossy(element).into_owned());
                    ControlFlow::Continue(())
                });
            }
            assert_eq!(seen, [r#"{"a":"}\"{"}"#, r#"{"b":{"c":[1]}}"#], "chunks of {step}");
            assert!(stream.rest().is_empty());
        }
    }
}
