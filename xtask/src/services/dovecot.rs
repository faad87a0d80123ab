//! A Dovecot server of our own: IMAP alone, one user with mail in a Maildir, a certificate that it signs itself.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpStream},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::free_port;
use crate::{interrupt, process, workspace::find_program};

const ATTEMPTS: usize = 3;
const START_TIME: Duration = Duration::from_secs(30);
const STOP_TIME: Duration = Duration::from_secs(5);

/// The server's program, if it and its IMAP part are installed.
pub fn find() -> Option<PathBuf> {
    let program = find_program("dovecot").or_else(|| Some(PathBuf::from("/usr/sbin/dovecot")))?;
    (program.is_file() && Path::new("/usr/lib/dovecot/imap").is_file()).then_some(program)
}

/// A running server; dropping stops it.
pub struct Dovecot {
    child: Child,
    home: PathBuf,
}

impl Dovecot {
    /// Starts it below `parent` and returns when it takes connections.
    pub fn start(parent: &Path) -> Result<Self> {
        let program = find().context("dovecot is not installed")?;
        let home = parent.join("dovecot");
        fs::create_dir(&home)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o755))?;
        certify(&home)?;
        let log = home.join("log");
        for _ in 0..ATTEMPTS {
            let (plain, encrypted) = (free_port()?, free_port()?);
            fs::write(home.join("dovecot.conf"), settings(&home, plain, encrypted)?)?;
            let log_file = File::create(&log)?;
            let child = Command::new(&program)
                .arg("-F")
                .arg("-c")
                .arg(home.join("dovecot.conf"))
                .stdin(Stdio::null())
                .stdout(log_file.try_clone()?)
                .stderr(log_file)
                .process_group(0)
                .spawn()
                .context("cannot start dovecot")?;
            let mut server = Self { child, home: home.clone() };
            if server.answers(&[plain, encrypted])? {
                fs::write(home.join("ports"), format!("{plain} {encrypted}"))?;
                return Ok(server);
            }
            eprintln!("Dovecot did not start; its log:");
            eprintln!("{}", fs::read_to_string(&log).unwrap_or_default());
        }
        bail!("Dovecot did not start in {ATTEMPTS} attempts");
    }

    /// Its folder: `ports` holds the port for STARTTLS and the one for TLS, `cert.pem` the certificate, `users` with the
    /// password of all, and `mail/NAME` the Maildir of each.
    pub fn home(&self) -> &Path {
        &self.home
    }

    fn answers(&mut self, ports: &[u16]) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < START_TIME {
            if interrupt::pending().is_some() {
                bail!("interrupted while Dovecot was starting");
            }
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            if ports.iter().all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok()) {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        for signal in [Signal::TERM, Signal::KILL] {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            kill_process(Pid::from_child(&self.child), signal).ok();
            if process::ends_within(&mut self.child, STOP_TIME) {
                break;
            }
        }
    }
}

fn certify(home: &Path) -> Result<()> {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        // What a client trusts is a server's certificate here, no authority's.
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(home.join("key.pem"))
        .arg("-out")
        .arg(home.join("cert.pem"))
        .stdin(Stdio::null())
        .output()
        .context("cannot start openssl")?;
    ensure!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr).trim());
    Ok(())
}

fn settings(home: &Path, plain: u16, encrypted: u16) -> Result<String> {
    let (user, group) = owner()?;
    // The mail is that of an ordinary account: Dovecot refuses root's.
    let (uid, gid) = mail_account(&user)?;
    let mail = home.join("mail");
    fs::create_dir_all(&mail)?;
    std::os::unix::fs::chown(&mail, Some(uid), Some(gid)).ok();
    // Every name is looked up as one: the server reads a changed file a second late, which is too late for a test.
    fs::write(home.join("users"), "everybody:{plain}s3 cret::::\n")?;
    let home = home.display();
    let own = if rustix::process::geteuid().is_root() {
        String::new()
    } else {
        format!(
            "default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
             service anvil {{\n  chroot =\n}}\nservice imap-login {{\n  chroot =\n}}\nservice stats {{\n  chroot =\n}}\n"
        )
    };
    Ok(format!(
        "base_dir = {home}/run\n\
         log_path = /dev/stderr\n\
         protocols = imap\n\
         ssl = yes\n\
         ssl_cert = <{home}/cert.pem\n\
         ssl_key = <{home}/key.pem\n\
         disable_plaintext_auth = no\n\
         auth_failure_delay = 0\n\
         mail_fsync = never\n\
         mail_location = maildir:{home}/mail/%u\n\
         mail_max_userip_connections = 100\n\
         first_valid_uid = 1\n\
         {own}\
         passdb {{\n  driver = passwd-file\n  args = scheme=plain username_format=everybody {home}/users\n}}\n\
         userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={home}/mail/%u\n}}\n\
         service imap-login {{\n  inet_listener imap {{\n    address = 127.0.0.1\n    port = {plain}\n  }}\n\
         \x20 inet_listener imaps {{\n    address = 127.0.0.1\n    port = {encrypted}\n    ssl = yes\n  }}\n}}\n"
    ))
}

/// Names of the account and group of this process.
fn owner() -> Result<(String, String)> {
    let find = |file: &str, id: u32| -> Result<String> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        let line = text.lines().find(|line| line.split(':').nth(2) == Some(&id.to_string()));
        Ok(line.and_then(|line| line.split(':').next()).unwrap_or("nobody").to_owned())
    };
    let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
    Ok((find("/etc/passwd", uid.as_raw())?, find("/etc/group", gid.as_raw())?))
}

/// User and group id that the mail belongs to: this process's, or for root those of `mail`.
fn mail_account(user: &str) -> Result<(u32, u32)> {
    let wanted = if rustix::process::geteuid().is_root() { "mail" } else { user };
    let text = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
    let ids = text.lines().find_map(|line| match line.split(':').collect::<Vec<_>>()[..] {
        [name, _, uid, gid, ..] if name == wanted => Some((uid.parse().ok()?, gid.parse().ok()?)),
        _ => None,
    });
    ids.with_context(|| format!("there is no user {wanted}"))
}
