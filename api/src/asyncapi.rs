//! x
pub fn asyncapi_json()->String{String::new()}
