//! The ceiling of the fan-out: a program that does nothing but write given frames to all its connections, from a thread a
//! core. It is a process of its own, because a process has only so many open files.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};

/// The program, seen from outside.
pub struct Writer {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where it takes connections.
    pub address: String,
}

impl Writer {
    /// Starts it; it takes so many connections.
    pub fn start(connections: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--writer", &connections.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let orders = child.stdin.take().context("its input is piped")?;
        let mut answers = BufReader::new(child.stdout.take().context("its output is piped")?);
        let mut address = String::new();
        answers.read_line(&mut address)?;
        Ok(Self { child, orders, answers, address: address.trim().to_owned() })
    }

    /// Waits until all connections are there.
    pub fn is_ready(&mut self) -> Result<()> {
        self.answers.read_line(&mut String::new())?;
        Ok(())
    }

    /// Has these frames written to every connection.
    pub fn write(&mut self, frames: &[Vec<u8>]) -> Result<()> {
        let mut order = (frames.len() as u64).to_le_bytes().to_vec();
        for frame in frames {
            order.extend_from_slice(&(frame.len() as u64).to_le_bytes());
            order.extend_from_slice(frame);
        }
        self.orders.write_all(&order)?;
        Ok(self.orders.flush()?)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program itself.
pub fn run(connections: usize) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    println!("ready");
    let mut orders = std::io::stdin().lock();
    loop {
        let Ok(count) = number(&mut orders) else { return Ok(()) };
        let mut frames = Vec::new();
        for _ in 0..count {
            let mut frame = vec![0; number(&mut orders)? as usize];
            orders.read_exact(&mut frame)?;
            frames.push(frame);
        }
        write(&streams, &frames)?;
    }
}

fn number(input: &mut impl Read) -> Result<u64> {
    let mut bytes = [0; 8];
    input.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn write(streams: &[TcpStream], frames: &[Vec<u8>]) -> Result<()> {
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let shares: Vec<_> = streams
            .chunks(streams.len().div_ceil(threads))
            .map(|share| scope.spawn(move || write_in_turn(share, frames)))
            .collect();
        shares.into_iter().try_for_each(|share| share.join().expect("it does not panic"))
    })
}

/// Frame by frame, as they come, to one connection after the other.
fn write_in_turn(streams: &[TcpStream], frames: &[Vec<u8>]) -> Result<()> {
    for frame in frames {
        for mut stream in streams {
            stream.write_all(frame)?;
        }
    }
    Ok(())
}
