//! Frames on a byte stream: a length (u32, little-endian), then as many bytes.

use iroh::endpoint::{ReadError, ReadExactError, RecvStream};

/// The longest frame, in bytes: 8 MiB. A longer one closes the connection.
pub const FRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The most that is taken from the stream, or set aside for a frame that has not arrived yet, in one step, in bytes.
const STEP_BYTES_MAX: usize = 64 * 1024;

/// Why no further frame can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// The stream ended between two frames.
    #[error("the stream ended")]
    End,
    /// The stream ended within a frame.
    #[error("the stream ended within a frame")]
    Truncated,
    /// The announced length exceeds [`FRAME_BYTES_MAX`].
    #[error("a frame of {0} bytes was announced, {FRAME_BYTES_MAX} are allowed")]
    TooLong(usize),
    /// The stream or its connection broke.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Reads the next frame. Not cancel-safe: dropped half-way, it loses its place in the stream.
pub(crate) async fn read_frame(stream: &mut RecvStream) -> Result<Vec<u8>, FrameError> {
    let mut header = [0; 4];
    match stream.read_exact(&mut header).await {
        Ok(()) => {}
        Err(ReadExactError::FinishedEarly(0)) => return Err(FrameError::End),
        Err(ReadExactError::FinishedEarly(_)) => return Err(FrameError::Truncated),
        Err(ReadExactError::ReadError(error)) => return Err(error.into()),
    }
    let length = usize::try_from(u32::from_le_bytes(header)).unwrap_or(usize::MAX);
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong(length));
    }
    // Memory grows with what arrived, not with what was announced: an announcement costs a stranger four bytes.
    let mut bytes = Vec::with_capacity(length.min(STEP_BYTES_MAX));
    while bytes.len() < length {
        match stream.read_chunk(length - bytes.len()).await? {
            Some(chunk) => bytes.extend_from_slice(&chunk),
            None => return Err(FrameError::Truncated),
        }
    }
    Ok(bytes)
}

/// Appends a frame's length, and the frame itself, to a buffer. The caller has checked the length.
pub(crate) fn put_frame(buffer: &mut Vec<u8>, frame: &[u8]) {
    put_header(buffer, frame.len());
    buffer.extend_from_slice(frame);
}

/// Appends only the length of a frame that is written separately.
pub(crate) fn put_header(buffer: &mut Vec<u8>, length: usize) {
    // `send` refuses frames beyond FRAME_BYTES_MAX, far below u32::MAX; the other end refuses this saturated length.
    buffer.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}
