//! A PostgreSQL server of the test's own, to be killed, frozen and started again. The shell that `tests/run` starts its
//! server by does it here, too.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running server, removed when dropped.
pub struct Server {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// As a superuser.
    pub url: String,
}

const SCRIPT: &str = "
source \"$0\"
trap 'postgres_signal CONT; postgres_stop' EXIT
postgres_start >&2 || exit 1
echo \"$CONCORD_TEST_POSTGRES_URL\"
while read -r order; do
  case $order in
    kill) postgres_kill ;;
    shut_down) postgres_shut_down ;;
    start) postgres_again ;;
    freeze) postgres_signal STOP ;;
    thaw) postgres_signal CONT ;;
  esac >&2
  echo done
done";

impl Server {
    pub fn start() -> Server {
        let mut shell = Command::new("bash")
            .args(["-c", SCRIPT, concat!(env!("CARGO_MANIFEST_DIR"), "/kit/postgres.sh")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let orders = shell.stdin.take();
        let mut answers = BufReader::new(shell.stdout.take().expect("its answers"));
        let url = line(&mut answers);
        assert!(url.starts_with("postgres://"), "a server starts");
        Server { shell, orders, answers, url }
    }

    /// Ends it at once, as the loss of the machine would.
    pub fn kill(&mut self) {
        self.order("kill");
    }
    /// Ends it in order, as an operator would: connections are closed, and what was begun is rolled back.
    pub fn shut_down(&mut self) {
        self.order("shut_down");
    }
    /// Starts it again.
    pub fn again(&mut self) {
        self.order("start");
    }
    /// Stops all of its processes where they are.
    pub fn freeze(&mut self) {
        self.order("freeze");
    }
    pub fn thaw(&mut self) {
        self.order("thaw");
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().expect("a shell"), "{order}").expect("an order");
        assert_eq!(line(&mut self.answers), "done", "{order}");
    }
}

fn line(answers: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).expect("an answer");
    line.trim().to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        // no more orders: the shell stops the server and ends
        drop(self.orders.take());
        self.shell.wait().map(drop).unwrap_or_default();
    }
}
