//! The binary as a user starts it: exit codes, messages, and what the commands do to files and servers.

#[cfg(test)]
mod corrections;
#[cfg(test)]
mod crewai;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod import;
#[cfg(test)]
mod ops;
#[cfg(test)]
mod process;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod sla;
#[cfg(test)]
mod triage;
