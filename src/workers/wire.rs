//! Frames between the program and its workers: a mark, a length, a message. What is no frame, or longer than it may be, ends the
//! conversation: a worker that answers so is not believed any more.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Stands before every message; another protocol has another.
const MARK: [u8; 4] = *b"CHW1";
/// A message has at most so many bytes: a note with all that it takes along, or a PDF as large as one may be.
const MOST_BYTES: u32 = (1 << 30) + (64 << 20);
/// From so many bytes on the memory for a message is not kept for the next.
const KEPT_BYTES: usize = 4 << 20;

/// Writes messages; what holds them is used again.
#[derive(Debug)]
pub(super) struct Sender<W> {
    to: W,
    frame: Vec<u8>,
}

impl<W: Write> Sender<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, frame: Vec::new() }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The other side is gone, or the message is too long.
    pub(super) fn send(&mut self, message: &impl Serialize) -> io::Result<()> {
        self.frame.clear();
        self.frame.extend_from_slice(&MARK);
        self.frame.extend_from_slice(&[0; 4]);
        let mut writer = rmp_serde::Serializer::new(&mut self.frame).with_struct_map();
        message.serialize(&mut writer).map_err(io::Error::other)?;
        let length = u32::try_from(self.frame.len() - 8).ok().filter(|length| *length <= MOST_BYTES).ok_or_else(too_long)?;
        self.frame[4..8].copy_from_slice(&length.to_le_bytes());
        let sent = self.to.write_all(&self.frame).and_then(|()| self.to.flush());
        if self.frame.capacity() > KEPT_BYTES {
            self.frame = Vec::new();
        }
        sent
    }
}

/// Reads messages.
#[derive(Debug)]
pub(super) struct Receiver<R> {
    from: R,
    frame: Vec<u8>,
}

impl<R: Read> Receiver<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, frame: Vec::new() }
    }

    /// Waits for the next message; `None` if there will be none.
    ///
    /// # Errors
    /// What comes is no message of ours, or only a part of one.
    pub(super) fn receive<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let mut head = [0; 8];
        let mut read = 0;
        while read < head.len() {
            match self.from.read(&mut head[read..]) {
                Ok(0) if read == 0 => return Ok(None),
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let [a, b, c, d, length @ ..] = head;
        let length = u32::from_le_bytes(length);
        if [a, b, c, d] != MARK || length > MOST_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this is no message"));
        }
        self.frame.clear();
        // Grows as bytes come: a false length takes no memory.
        (&mut self.from).take(u64::from(length)).read_to_end(&mut self.frame)?;
        if self.frame.len() < length as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let message = rmp_serde::from_slice(&self.frame).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
        if self.frame.capacity() > KEPT_BYTES {
            self.frame = Vec::new();
        }
        message.map(Some)
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("the message has more than {} MiB", MOST_BYTES >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(bytes: &[u8]) -> io::Result<Option<String>> {
        Receiver::new(bytes).receive()
    }

    #[test]
    fn what_is_sent_is_received_in_order() {
        let mut sender = Sender::new(Vec::new());
        for text in ["one", "", "通知"] {
            sender.send(&text).unwrap();
        }
        let mut receiver = Receiver::new(sender.to.as_slice());
        for text in ["one", "", "通知"] {
            assert_eq!(receiver.receive::<String>().unwrap().as_deref(), Some(text));
        }
        assert_eq!(receiver.receive::<String>().unwrap(), None);
    }

    #[test]
    fn what_is_no_message_is_refused_and_takes_no_memory() {
        let mut sender = Sender::new(Vec::new());
        sender.send(&"text").unwrap();
        let whole = sender.to;
        for end in 1..whole.len() {
            receive(&whole[..end]).unwrap_err();
        }
        receive(b"thread 'main' panicked at").unwrap_err();
        receive(b"CHW1\xff\xff\xff\xffabc").unwrap_err();
        receive(b"CHW1\x00\x00\x00\x40abc").unwrap_err();
        assert!(receive(b"CHW1\x01\x00\x00\x00\x07").is_err(), "a number is no text");
    }
}
