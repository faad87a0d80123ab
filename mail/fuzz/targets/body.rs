#![no_main]

#[path = "../../tests/it/drive.rs"]
mod drive;

libfuzzer_sys::fuzz_target!(init: drive::warm(), |input: &[u8]| drive::drive("body", input));
