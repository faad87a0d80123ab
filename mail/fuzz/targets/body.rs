#![no_main]

#[path = "../../tests/it/drive.rs"]
mod drive;

libfuzzer_sys::fuzz_target!(|input: &[u8]| drive::drive("body", input));
