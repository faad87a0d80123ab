//! The API from outside.

mod realtime;
