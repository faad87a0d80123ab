//! What the configuration means: checks of values whose form the command line has accepted.

use std::net::{SocketAddr, ToSocketAddrs as _};

use ::api::ApiConfig;
use shared::config::ConnectionUrl;
use shared::key::Pepper;
use shared::reach::Reach;
use worker::Mailer;
use worker::adviser::{Counsel, OpenAi};

use crate::cli::{
    AdviserArgs, Auth, BusArgs, DatabaseArgs, HostArgs, LimitArgs, ListenArgs, MailArgs, PepperArgs, ReachArgs,
};
use crate::exit::Failure;

/// The database's URL.
pub fn database(args: &DatabaseArgs) -> Result<ConnectionUrl, Failure> {
    let url = ConnectionUrl::new(args.database_url.trim());
    let text = url.expose();
    if let Some(path) = text.strip_prefix("sqlite:") {
        return match path.trim_start_matches("//") {
            "" => Err(Failure::Config("DATABASE_URL: sqlite:// needs the path of a file".to_owned())),
            ":memory:" => {
                Err(Failure::Config("DATABASE_URL: an SQLite database is a file; it cannot live in memory".to_owned()))
            }
            _ => Ok(url),
        };
    }
    if !["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        // The value may hold a password in a place where it cannot be recognised.
        return Err(Failure::Config("DATABASE_URL must start with sqlite:// or postgres://".to_owned()));
    }
    match reqwest::Url::parse(text) {
        Ok(_) => Ok(url),
        Err(error) => Err(Failure::Config(format!("DATABASE_URL: {error}"))),
    }
}

/// The URL of a database that several processes can share.
pub fn shared_database(args: &DatabaseArgs, command: &str) -> Result<ConnectionUrl, Failure> {
    let url = database(args)?;
    if url.is_sqlite() {
        return Err(Failure::Config(format!(
            "`workflow {command}` needs DATABASE_URL=postgres://...: the embedded database lives in one process, which \
             is `workflow up`"
        )));
    }
    Ok(url)
}

/// What the digests of keys are made with.
pub fn pepper(args: &PepperArgs) -> Result<Pepper, Failure> {
    Pepper::new(args.key_pepper.as_deref()).map_err(|wrong| Failure::Config(format!("WORKFLOW_KEY_PEPPER: {wrong}")))
}

/// Where webhooks may lead.
pub fn reach(args: &ReachArgs) -> Reach {
    Reach { private: args.webhook_allow_private }
}

/// How an API serves.
pub fn api(
    listen: &ListenArgs,
    hosts: &HostArgs,
    limits: &LimitArgs,
    pepper: &PepperArgs,
    reach: Reach,
) -> Result<ApiConfig, Failure> {
    Ok(ApiConfig {
        allowed_hosts: self::hosts(hosts)?,
        rate_limit: limits.rate_limit,
        reach,
        auth_required: listen.auth == Auth::Required,
        pepper: self::pepper(pepper)?,
    })
}

/// What sends mail, if there is a server for it.
pub fn mailer(args: &MailArgs) -> Result<Option<Mailer>, Failure> {
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match (given(&args.smtp_url), given(&args.mail_from)) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(Failure::Config("WORKFLOW_MAIL_FROM is needed with WORKFLOW_SMTP_URL".to_owned())),
        (Some(url), Some(from)) => Mailer::new(&url, &from).map(Some).map_err(Failure::Config),
    }
}

/// Whom to ask about mails that are hard to read, if anybody.
pub fn counsel(args: &AdviserArgs) -> Result<Option<Counsel>, Failure> {
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let Some(url) = given(&args.llm_url) else { return Ok(None) };
    let Some(model) = given(&args.llm_model) else {
        return Err(Failure::Config("WORKFLOW_LLM_MODEL is needed with WORKFLOW_LLM_URL".to_owned()));
    };
    let key = given(&args.llm_key);
    let adviser = OpenAi::new(&url, &model, key.as_deref()).map_err(Failure::Config)?;
    Ok(Some(Counsel::new(adviser, args.llm_daily_budget.into())))
}

/// The Redis URL, if there is one.
pub fn redis(args: &BusArgs) -> Result<Option<ConnectionUrl>, Failure> {
    let Some(text) = args.redis_url.as_deref().map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let problem = match reqwest::Url::parse(text) {
        Err(error) => error.to_string(),
        Ok(url) if !matches!(url.scheme(), "redis" | "rediss") => "must start with redis:// or rediss://".to_owned(),
        Ok(url) if url.host_str().is_none_or(str::is_empty) => "names no host".to_owned(),
        Ok(_) => return Ok(Some(ConnectionUrl::new(text))),
    };
    Err(Failure::Config(format!("REDIS_URL: {problem}")))
}

/// The addresses to listen on, tried in turn: more than one if a name has more.
pub fn listen(args: &ListenArgs) -> Result<Vec<SocketAddr>, Failure> {
    let given = args.listen.trim();
    let addresses: Vec<SocketAddr> = match given.to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(error) => {
            return Err(Failure::Config(format!(
                "WORKFLOW_LISTEN: {given} is not an address like 127.0.0.1:3001: {error}"
            )));
        }
    };
    if addresses.is_empty() {
        return Err(Failure::Config(format!("WORKFLOW_LISTEN: {given} has no address")));
    }
    if args.auth == Auth::Off
        && let Some(open) = addresses.iter().find(|address| !address.ip().is_loopback())
    {
        return Err(Failure::Config(format!(
            "WORKFLOW_LISTEN: {} can be reached by others, and authentication is off; set WORKFLOW_AUTH=required, or use a \
             loopback address such as 127.0.0.1:3001",
            open.ip()
        )));
    }
    Ok(addresses)
}

/// The host names to answer to besides the loopback ones.
pub fn hosts(args: &HostArgs) -> Result<Vec<String>, Failure> {
    let names: Vec<String> =
        args.allowed_hosts.iter().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    match names.iter().find(|name| name.contains(['/', ' ', '*'])) {
        Some(name) => Err(Failure::Config(format!("WORKFLOW_ALLOWED_HOSTS: {name} is not a host name"))),
        None => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(address: &str, auth: Auth) -> Result<Vec<SocketAddr>, Failure> {
        listen(&ListenArgs { listen: address.to_owned(), auth })
    }

    #[test]
    fn without_authentication_only_loopback_is_served() {
        assert_eq!(listening("127.0.0.1:0", Auth::Off).unwrap()[0].port(), 0);
        assert!(listening("[::1]:3001", Auth::Off).is_ok());
        for address in ["0.0.0.0:3001", "[::]:3001", "192.0.2.7:3001", "3001", ""] {
            assert_eq!(listening(address, Auth::Off).unwrap_err().code(), 78, "{address}");
        }
        for address in ["0.0.0.0:3001", "127.0.0.1:3001", "[::]:0"] {
            assert!(listening(address, Auth::Required).is_ok(), "{address}");
        }
    }

    #[test]
    fn a_database_is_a_file_or_postgresql() {
        let database = |url: &str| database(&DatabaseArgs { database_url: url.to_owned() });
        for url in ["sqlite://data/crewai.db", "sqlite:x.db", "postgres://localhost/x", "postgresql://u:p@h:5432/x"] {
            assert!(database(url).is_ok(), "{url}");
        }
        for url in ["", "data/crewai.db", "mysql://localhost/x", "sqlite://", "sqlite::memory:", "postgres://h:port/x"]
        {
            assert_eq!(database(url).unwrap_err().code(), 78, "{url}");
        }
        let refused = database("postgre://ana:secret@db/x").unwrap_err();
        assert!(!refused.to_string().contains("secret"), "{refused}");
    }

    #[test]
    fn an_adviser_has_an_address_a_model_and_keeps_its_key_to_itself() {
        let counsel = |url: &str, model: Option<&str>, key: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let args = AdviserArgs {
                llm_url: Some(url.to_owned()),
                llm_model: owned(model),
                llm_key: owned(key),
                llm_daily_budget: 200,
            };
            super::counsel(&args)
        };
        assert!(counsel(" ", None, None).unwrap().is_none());
        assert!(counsel("http://127.0.0.1:9/v1", Some("small"), Some("secret")).unwrap().is_some());
        for (url, model, key) in [
            ("http://127.0.0.1:9/v1", None, None),
            ("ftp://llm.example", Some("small"), None),
            ("llm", Some("small"), None),
            ("http://llm.example/v1", Some("small"), Some("secret")),
            ("https://llm.example/v1", Some("small"), Some("sec\nret")),
        ] {
            let refused = counsel(url, model, key).err().unwrap();
            assert_eq!(refused.code(), 78, "{url}");
            assert!(refused.to_string().contains("WORKFLOW_LLM_") && !refused.to_string().contains("ret"), "{refused}");
        }
    }

    #[test]
    fn an_empty_redis_url_is_none() {
        let redis = |url: Option<&str>| redis(&BusArgs { redis_url: url.map(str::to_owned) });
        assert!(redis(None).unwrap().is_none());
        assert!(redis(Some(" ")).unwrap().is_none());
        assert!(redis(Some("redis://127.0.0.1:6379/1")).unwrap().is_some());
        assert_eq!(redis(Some("http://127.0.0.1")).unwrap_err().code(), 78);
    }
}
