//! Servers beside the one that all tests share: a PostgreSQL that demands TLS, and a PgBouncer before the shared one.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A PostgreSQL that only encrypted connections reach, with a certificate of an authority of its own for `localhost`.
pub struct TlsServer {
    folder: PathBuf,
    /// As the superuser, by the name that the certificate has.
    url: String,
}

/// The programs of one server, as tests/run starts it.
const KIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/kit/postgres.sh");

/// Two authorities, of which the first signs the server's certificate; then nobody gets in without TLS.
const CERTIFIED: &str = r#"
cd "$postgres_dir"
for name in authority stranger; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
    -keyout $name.key -out $name.crt 2>/dev/null
done
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
  -keyout server.key -out server.csr 2>/dev/null
openssl x509 -req -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 2 -out server.crt \
  -extfile <(echo subjectAltName=DNS:localhost) 2>/dev/null
chmod 600 server.key
[ "$(id -u)" != 0 ] || chown postgres: server.key server.crt
chmod 755 . && chmod 644 *.crt
echo "ssl = on
ssl_cert_file = '$postgres_dir/server.crt'
ssl_key_file = '$postgres_dir/server.key'" >>data/postgresql.conf
echo "local all all trust
hostssl all all 127.0.0.1/32 trust" >data/pg_hba.conf
postgres_do "$(postgres_bin)/pg_ctl" restart --pgdata=data --wait --silent --log=server.log
"#;

impl TlsServer {
    pub fn start() -> TlsServer {
        let script = format!(
            "set -euo pipefail; source {KIT}; postgres_start; port=${{CONCORD_TEST_POSTGRES_URL%/*}}; port=${{port##*:}}
             sed -i \"/^listen_addresses/a port = $port\" \"$postgres_dir/data/postgresql.conf\"
             {CERTIFIED}
             echo \"$postgres_dir $port\""
        );
        let told = Command::new("bash").args(["-c", &script]).stdin(Stdio::null()).output();
        let told = told.expect("bash starts");
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(told.status.success(), "{text}{}", String::from_utf8_lossy(&told.stderr));
        let (folder, port) = text.trim().rsplit_once(' ').expect("a folder and a port");
        TlsServer { folder: folder.into(), url: format!("postgres://postgres@localhost:{port}/postgres") }
    }

    /// The URL of a role, by a name of the host, with what it says of TLS.
    pub fn url(&self, role: &str, host: &str, query: &str) -> String {
        self.url.replace("postgres@localhost", &format!("{role}@{host}")) + query
    }

    /// The certificate of the `authority` that signed the server's, or of a `stranger`.
    pub fn certificate(&self, of: &str) -> String {
        self.folder.join(of).with_extension("crt").display().to_string()
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let script = format!("source {KIT}; postgres_dir={}; postgres_stop", self.folder.display());
        drop(Command::new("bash").args(["-c", &script]).stdin(Stdio::null()).status());
    }
}

/// PgBouncer in transaction mode, as Debian ships it, before the server that tests share.
pub struct Pooler {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Pooler {
    /// With so many connections to the server for all clients of a database.
    pub fn start(connections: usize) -> Pooler {
        let server = super::backend::shared_server();
        let (_, address) = server.split_once('@').expect("a URL with a user");
        let address = address.split_once('/').map_or(address, |(address, _)| address);
        let (host, port) = address.split_once(':').expect("a host and a port");
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let listen = free.local_addr().expect("an address").port();
        drop(free);
        let folder = std::env::temp_dir().join(format!("concord-pooler-{}", super::backend::name()));
        std::fs::create_dir(&folder).expect("a folder");
        let settings = format!(
            "[databases]\n* = host={host} port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {listen}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {0}/users\npool_mode = transaction\n\
             default_pool_size = {connections}\n",
            folder.display()
        );
        std::fs::write(folder.join("settings"), settings).expect("its settings");
        std::fs::write(folder.join("users"), "\"concord_app\" \"\"\n").expect("its users");
        let settings = folder.join("settings");
        let mut command = pgbouncer(&settings);
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.expect("pgbouncer starts; tests/run installs it");
        let mut pooler = Pooler { child, folder, port: listen };
        pooler.ready();
        pooler
    }

    /// A database behind it, as the application's role.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://concord_app@127.0.0.1:{}/{database}", self.port)
    }

    fn ready(&mut self) {
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Ok(Some(ended)) = self.child.try_wait() {
                panic!("pgbouncer ended: {ended}");
            }
            assert!(began.elapsed() < Duration::from_secs(20), "pgbouncer listens");
            std::thread::yield_now();
        }
    }
}

/// PgBouncer refuses to run as root; Debian's PostgreSQL has made a user for such things.
fn pgbouncer(settings: &Path) -> Command {
    let program = "/usr/sbin/pgbouncer";
    if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", program]).arg(settings);
        command
    } else {
        let mut command = Command::new(program);
        command.arg(settings);
        command
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
        std::fs::remove_dir_all(&self.folder).unwrap_or_default();
    }
}
