//! stub
use shared::{store::Db,events::Bus,clock::Clock};
#[derive(Clone)] pub struct Hub;
impl Hub { pub fn start(_:Db,_:Bus,_:Clock)->Self{Hub} pub fn close(&self){} }
pub fn endpoint(_:Hub,_: &[String])->impl poem::Endpoint<Output=poem::Response>+use<>{ poem::endpoint::make_sync(|_|poem::Response::default()) }
