//! Mail as it was received.
