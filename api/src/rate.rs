//! How many requests an address, and a principal, may send: N a second on average and 2 N at once, counted as a leaky
//! bucket (GCRA).

use std::hash::Hash;
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

/// Of whom is remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// Names what is counted by.
pub(crate) const ADDRESS: &str = "address";
/// Names what is counted by.
pub(crate) const PRINCIPAL: &str = "principal";

/// Seconds in which an unused burst is whole again.
const WINDOW: u64 = 2;

/// Counts requests by who sends them.
pub(crate) struct Rate<K: Clone + Eq + Hash> {
    limiter: RateLimiter<K, HashMapStateStore<K>, MonotonicClock, StateInformationMiddleware>,
    burst: u32,
    /// What is counted by, as the fields of answers name it.
    by: &'static str,
}

/// What somebody has left.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    by: &'static str,
    burst: u32,
    remaining: u32,
    /// How long to wait for the next request; none if it need not.
    wait: Option<Duration>,
}

impl<K: Clone + Eq + Hash> Rate<K> {
    /// So many requests a second; none for 0.
    pub(crate) fn new(per_second: u32, by: &'static str) -> Option<Self> {
        let per_second = NonZeroU32::new(per_second)?;
        let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1));
        let quota = Quota::per_second(per_second).allow_burst(burst);
        let limiter = RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock);
        Some(Self { limiter, burst: burst.get(), by })
    }

    /// Counts one request.
    pub(crate) fn spend(&self, who: &K) -> Left {
        // Whoever was quiet for the window is as good as new, so no more are kept than can send within it.
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        let (remaining, wait) = match self.limiter.check_key(who) {
            Ok(state) => (state.remaining_burst_capacity(), None),
            Err(until) => (0, Some(until.wait_time_from(MonotonicClock.now()))),
        };
        Left { by: self.by, burst: self.burst, remaining, wait }
    }
}

impl Rate<IpAddr> {
    /// Counts a request. Health is asked by supervisors, which must be answered always, and does not count.
    pub(crate) fn count(&self, request: &Request) -> Option<Left> {
        let path = request.uri().path();
        if path == "/health" || path.starts_with("/health/") {
            return None;
        }
        let address = request.remote_addr().as_socket_addr()?.ip();
        Some(self.spend(&subscriber(address)))
    }
}

impl Left {
    /// 429, if nothing was left.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.wait.is_none() {
            return Ok(());
        }
        let detail = match self.by {
            PRINCIPAL => "too many requests by this principal; Retry-After says when to come back",
            _ => "too many requests from this address; Retry-After says when to come back",
        };
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).after(self.seconds()))
    }

    /// Tells the client where it stands, in the fields of draft-ietf-httpapi-ratelimit-headers.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let Self { by, burst, remaining, wait } = self;
        // What was spent comes back evenly over the window.
        let reset = (u64::from(burst - remaining.min(burst)) * WINDOW).div_ceil(u64::from(burst));
        let mut put = |name: &'static str, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        };
        put("ratelimit-policy", format!(r#""{by}";q={burst};w={WINDOW}"#));
        put("ratelimit", format!(r#""{by}";r={remaining};t={reset}"#));
        if wait.is_some() {
            headers.insert(header::RETRY_AFTER, self.seconds().into());
        }
    }

    /// Whole seconds to wait, if it must.
    fn seconds(self) -> u64 {
        let wait = self.wait.unwrap_or_default();
        (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
    }

    /// The one of two that ends first.
    pub(crate) fn tighter(self, other: Self) -> Self {
        if (other.wait, self.remaining) > (self.wait, other.remaining) { other } else { self }
    }
}

/// What one subscriber is given is an address of version 4, or 64 bits of one of version 6.
pub(crate) fn subscriber(address: IpAddr) -> IpAddr {
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
        let rate = Rate::<IpAddr>::new(5, ADDRESS).unwrap();
        let address: IpAddr = "192.0.2.7".parse().unwrap();
        let left: Vec<u32> = (0..10).map(|_| rate.spend(&address)).map(|left: Left| left.remaining).collect();
        assert_eq!(left.first(), Some(&9));
        let refused = rate.spend(&address);
        assert_eq!(refused.check().unwrap_err().status, 429);
        let mut headers = HeaderMap::new();
        refused.tell(&mut headers);
        assert_eq!(headers["retry-after"], "1");
        assert_eq!(headers["ratelimit-policy"], r#""address";q=10;w=2"#);
        assert_eq!(headers["ratelimit"], r#""address";r=0;t=2"#);
        assert!(rate.spend(&"192.0.2.8".parse().unwrap()).check().is_ok(), "another address has its own");
    }

    #[test]
    fn of_two_counts_the_one_that_ends_first_is_told() {
        let (wide, narrow) = (Rate::<u8>::new(50, ADDRESS).unwrap(), Rate::<u8>::new(5, PRINCIPAL).unwrap());
        assert_eq!(wide.spend(&1).tighter(narrow.spend(&1)).by, PRINCIPAL);
        assert_eq!(narrow.spend(&1).tighter(wide.spend(&1)).by, PRINCIPAL);
        for _ in 0..100 {
            wide.spend(&2);
        }
        assert_eq!(narrow.spend(&2).tighter(wide.spend(&2)).by, ADDRESS);
    }

    #[test]
    fn addresses_that_went_quiet_are_forgotten() {
        let rate = Rate::<IpAddr>::new(1_000_000, ADDRESS).unwrap();
        for n in 0..3 * REMEMBERED as u32 {
            rate.spend(&std::net::Ipv4Addr::from_bits(n).into());
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
