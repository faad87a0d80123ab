//! How many requests an address may send: N a second on average and 2 N at once, counted as a leaky bucket (GCRA).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use poem::Request;
use poem::http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::problem::Problem;

/// Addresses remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// Seconds in which an unused burst is whole again.
const WINDOW: u64 = 2;

/// Counts requests by address.
pub(crate) struct Rate {
    limiter: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, MonotonicClock, StateInformationMiddleware>,
    burst: u32,
}

/// What an address has left.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    burst: u32,
    remaining: u32,
    /// How long to wait for the next request; none if it need not.
    wait: Option<Duration>,
}

impl Rate {
    /// So many requests a second; none for 0.
    pub(crate) fn new(per_second: u32) -> Option<Self> {
        let per_second = NonZeroU32::new(per_second)?;
        let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let limiter = RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock);
        Some(Self { limiter, burst: burst.get() })
    }

    /// Counts a request. Health is asked by supervisors, which must be answered always, and does not count.
    pub(crate) fn count(&self, request: &Request) -> Option<Left> {
        let path = request.uri().path();
        if path == "/health" || path.starts_with("/health/") {
            return None;
        }
        let address = request.remote_addr().as_socket_addr()?.ip();
        Some(self.spend(subscriber(address)))
    }

    fn spend(&self, address: IpAddr) -> Left {
        // Whoever was quiet for the window is as good as new, so no more are kept than can send within it.
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        let (remaining, wait) = match self.limiter.check_key(&address) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(MonotonicClock.now()))),
        };
        Left { burst: self.burst, remaining, wait }
    }
}

impl Left {
    /// 429, if nothing was left.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.wait.is_none() {
            return Ok(());
        }
        let detail = "too many requests from this address; Retry-After says when to come back";
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail))
    }

    /// Tells the client where it stands, in the fields of draft-ietf-httpapi-ratelimit-headers.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let Self { burst, remaining, wait } = self;
        // What was spent comes back evenly over the window.
        let reset = (u64::from(burst - remaining.min(burst)) * WINDOW).div_ceil(u64::from(burst));
        let mut put = |name: &'static str, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        };
        put("ratelimit-policy", format!(r#""address";q={burst};w={WINDOW}"#));
        put("ratelimit", format!(r#""address";r={remaining};t={reset}"#));
        if let Some(wait) = wait {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.max(1).into());
        }
    }
}

/// What one subscriber is given is an address of version 4, or 64 bits of one of version 6.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(long) => IpAddr::V6((long.to_bits() & !u128::from(u64::MAX)).into()),
        short @ IpAddr::V4(_) => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_rate_may_come_at_once_and_no_more() {
        let rate = Rate::new(5).unwrap();
        let address = "192.0.2.7".parse().unwrap();
        let left: Vec<u32> = (0..10).map(|_| rate.spend(address)).map(|left| left.remaining).collect();
        assert_eq!(left.first(), Some(&9));
        let refused = rate.spend(address);
        assert_eq!(refused.check().unwrap_err().status, 429);
        let mut headers = HeaderMap::new();
        refused.tell(&mut headers);
        assert_eq!(headers["retry-after"], "1");
        assert_eq!(headers["ratelimit-policy"], r#""address";q=10;w=2"#);
        assert_eq!(headers["ratelimit"], r#""address";r=0;t=2"#);
        assert!(rate.spend("192.0.2.8".parse().unwrap()).check().is_ok(), "another address has its own");
    }

    #[test]
    fn addresses_that_went_quiet_are_forgotten() {
        let rate = Rate::new(1_000_000).unwrap();
        for n in 0..3 * REMEMBERED as u32 {
            rate.spend(std::net::Ipv4Addr::from_bits(n).into());
        }
        assert!(rate.limiter.len() <= REMEMBERED + 1, "{}", rate.limiter.len());
    }

    #[test]
    fn a_subscriber_is_one_whatever_the_last_half_of_its_address() {
        let key = |text: &str| subscriber(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.7"), key("192.0.2.7"));
    }
}
