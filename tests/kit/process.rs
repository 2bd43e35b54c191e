//! The real program as a process of its own, to be measured and killed.

use super::{backend::Home, http, waiting::eventually, world::SECRET_KEY};
use std::{
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A running `concord serve`, `concord worker` or `concord demo`, killed when dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Mutex<String>>,
}

/// Longest a start may take.
const START: Duration = Duration::from_secs(60);

impl Process {
    /// Starts the server on a database of the kit, and waits until it is ready.
    pub async fn serve(home: &Home) -> Process {
        Self::start("serve", home, &[], None).await
    }

    /// The same with so many file descriptors at most.
    pub async fn serve_within(home: &Home, descriptors: u32) -> Process {
        Self::start("serve", home, &[], Some(descriptors)).await
    }

    /// The same with other settings.
    pub async fn serve_with(home: &Home, settings: &[(&str, &str)]) -> Process {
        Self::start("serve", home, settings, None).await
    }

    /// The same for the jobs alone.
    pub async fn work(home: &Home) -> Process {
        Self::start("worker", home, &[], None).await
    }

    /// The demo with its data in a folder that does not exist yet, as its users start it.
    pub async fn demo(data: &Path) -> Process {
        Self::demo_with(data, &[]).await
    }

    /// The same with other settings. On a folder with data it makes no network.
    pub async fn demo_with(data: &Path, settings: &[(&str, &str)]) -> Process {
        let address = free_address();
        let mut child = program()
            .args(["demo", "--listen", &address.to_string(), "--data"])
            .arg(data)
            .env("CONCORD_LOG_FILTER", "error")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("CONCORD_BIN starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let log = collect_log(child.stderr.take().expect("its log"));
        let mut process = Process { child, address, log };
        // it makes its network first, for as long as that takes, and prints its address then
        let (sender, receiver) = oneshot::channel();
        std::thread::spawn(move || {
            let mut lines = output.lines().map_while(Result::ok);
            let is_made = lines.any(|line| line.starts_with("GraphQL "));
            sender.send(is_made).unwrap_or_default();
            // it would wait if its output were not read
            lines.for_each(drop);
        });
        assert!(receiver.await.unwrap_or_default(), "the demo ended before it served");
        process.ready().await;
        process
    }

    async fn start(
        command_name: &str,
        home: &Home,
        settings: &[(&str, &str)],
        descriptors: Option<u32>,
    ) -> Process {
        let address = free_address();
        let mut child = program_within(descriptors)
            .arg(command_name)
            .env(home.settings().0, home.settings().1)
            .env("CONCORD_LISTEN", address.to_string())
            .env("CONCORD_RATE__POINTS", "100000000")
            .env("CONCORD_RATE__REFILL_PER_SECOND", "100000000")
            .env("CONCORD_LOG_FILTER", "error")
            .env("CONCORD_SECRET_KEY", SECRET_KEY)
            .env("CONCORD_METRICS_LISTEN", "")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("CONCORD_BIN starts");
        let log = collect_log(child.stderr.take().expect("its log"));
        let mut process = Process { child, address, log };
        process.ready().await;
        process
    }

    /// The lines of its log so far. Their reading may lag behind what it does.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Bounds the size of every file that it writes, in bytes; none: lifts the bound.
    pub fn bound_files(&self, bytes: Option<u64>) {
        let bound = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        let done = Command::new("prlimit")
            .arg(format!("--pid={}", self.child.id()))
            .arg(format!("--fsize={bound}:unlimited"))
            .status()
            .expect("prlimit of util-linux");
        assert!(done.success(), "{done}");
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kilobytes * 1024
    }

    /// Tells it to stop by a signal, and waits until it has: how long that took.
    pub fn stop(mut self, signal: &str) -> Duration {
        let began = Instant::now();
        let told = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(told.expect("kill starts").success());
        let status = self.child.wait().expect("its end");
        assert!(status.success(), "{signal}: {status}");
        began.elapsed()
    }

    /// Kills it with -9.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }

    async fn ready(&mut self) {
        eventually("the server is ready", START, async || {
            if let Ok(Some(ended)) = self.child.try_wait() {
                panic!("the server ended: {ended}");
            }
            (http::get(self.address, "/readyz").await.status == 200).then_some(())
        })
        .await;
    }
}

/// Collects a log line by line, and shows it with the test's own output.
fn collect_log(stderr: ChildStderr) -> Arc<Mutex<String>> {
    let log = Arc::new(Mutex::new(String::new()));
    let collected = log.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            eprintln!("{line}");
            let mut collected = collected.lock().expect("the log");
            collected.push_str(&line);
            collected.push('\n');
        }
    });
    log
}

/// An address that no one listens on.
pub fn free_address() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address")
}

/// The program, without the settings of the tests.
fn program() -> Command {
    program_within(None)
}

/// The same with so many file descriptors at most.
fn program_within(descriptors: Option<u32>) -> Command {
    let program = std::env::var("CONCORD_BIN")
        .expect("CONCORD_BIN names the server program; tests/run builds it: cargo build -p concord");
    // a file that may not grow is an error then, and not the end of the process
    let descriptors = descriptors.map(|most| format!("ulimit -n {most} && ")).unwrap_or_default();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("trap '' XFSZ; {descriptors}exec \"$0\" \"$@\"")]).arg(program);
    // what the tests are told is no setting of the server's, which refuses what it does not know
    let told = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("CONCORD_"));
    told.for_each(|name| {
        command.env_remove(name);
    });
    command
}

/// Runs a command of the program to its end, with these settings and no others: whether it succeeded, and what it wrote.
pub fn run(arguments: &[&str], settings: &[(&str, &str)]) -> (bool, String) {
    let ended = program()
        .args(arguments)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("CONCORD_BIN starts");
    let written = [ended.stdout, ended.stderr].concat();
    (ended.status.success(), String::from_utf8(written).expect("text"))
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
