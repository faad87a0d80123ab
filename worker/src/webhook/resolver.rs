//! Resolves names of receivers. What a name leads to is judged here, at each connection and for the very addresses that
//! are connected to: a name that changes its mind in between gains nothing.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use shared::reach::{Allowed, refusal};

/// Gives of a name's addresses those that may be connected to.
pub(super) struct Guarded(pub(super) Allowed);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> = found.filter(|address| allowed.admits(address.ip())).collect();
            if admitted.is_empty() {
                return Err(format!("the host {}", refusal(allowed)).into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn addresses(name: &str, allowed: Allowed) -> Result<usize, String> {
        let found = Guarded(allowed).resolve(name.parse().unwrap()).await;
        found.map(Iterator::count).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
        assert!(addresses("localhost", Allowed::Public).await.unwrap_err().contains("must not lead to a private"));
        assert!(addresses("localhost", Allowed::Any).await.unwrap() > 0);
        assert!(addresses("localhost", Allowed::PrivateOnly).await.unwrap() > 0);
    }
}
