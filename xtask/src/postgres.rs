//! A PostgreSQL server of one's own: for tests, and for the benchmark. It listens on a socket in a folder of its own, and
//! not on the network.

use crate::args::Args;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// The variable by which tests know the server.
pub const VARIABLE: &str = "PICQUET_TEST_STORE";

/// `cargo xtask postgres COMMAND...`: runs a command beside a server of its own, whose URL is in `PICQUET_TEST_STORE`.
/// Without PostgreSQL on the machine nothing is run, which is said.
pub fn run(mut args: Args) -> Result<bool> {
    let mut words = Vec::new();
    while let Some(word) = args.word() {
        words.push(word);
    }
    words.drain(..usize::from(words.first().is_some_and(|word| word == "--")));
    ensure!(!words.is_empty(), "cargo xtask postgres COMMAND: which command?");
    let Some(programs) = programs() else {
        println!("skipped: tests on PostgreSQL (there is no initdb on PATH and none in /usr/lib/postgresql)");
        return Ok(true);
    };
    let folder = Folder::new("pg")?;
    // What tests write need not outlive them.
    let server = Server::start(&programs, &folder.0.join("data"), &["fsync=off", "full_page_writes=off"])?;
    let status = Command::new(&words[0]).args(&words[1..]).env(VARIABLE, server.url()).status();
    drop(server);
    Ok(status.with_context(|| words[0].clone())?.success())
}

/// The folder of the server's programs: that of `initdb` on the path, else the latest that Debian installed.
pub fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("initdb")).find(|program| program.is_file());
    if let Some(program) = on_path.and_then(|program| program.canonicalize().ok()) {
        return program.parent().map(Path::to_owned);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let version = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let latest =
        versions.map(|entry| entry.path()).filter(|path| path.join("bin/initdb").is_file()).max_by_key(version);
    latest.map(|path| path.join("bin"))
}

/// A temporary folder with a short name, as sockets need it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("picquet-{name}-{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        let made = Self(folder);
        give(&made.0)?;
        Ok(made)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server.
pub struct Server {
    process: Child,
    socket: Folder,
}

impl Server {
    /// Makes a cluster in a folder if there is none, and starts a server for it.
    pub fn start(programs: &Path, data: &Path, settings: &[&str]) -> Result<Self> {
        if !data.join("PG_VERSION").exists() {
            fs::create_dir_all(data)?;
            give(data)?;
            let words =
                ["--username=picquet", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"];
            let made = lowered(&programs.join("initdb"))?.args(words).arg(data).output().context("initdb")?;
            ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        }
        let socket = Folder::new("socket")?;
        let log = File::create(socket.0.join("log"))?;
        let mut command = lowered(&programs.join("postgres"))?;
        command.arg("-D").arg(data).arg("-k").arg(&socket.0);
        for setting in ["listen_addresses=", "max_connections=200"].iter().chain(settings) {
            command.args(["-c", setting]);
        }
        let process = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().context("postgres")?;
        let mut server = Self { process, socket };
        server.wait(programs)?;
        Ok(server)
    }

    /// Waits until it answers.
    fn wait(&mut self, programs: &Path) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let asked = Command::new(programs.join("pg_isready")).arg("-q").arg("-h").arg(&self.socket.0).status()?;
            if asked.success() {
                return Ok(());
            }
            if self.process.try_wait()?.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("postgres does not start: {}", fs::read_to_string(self.socket.0.join("log")).unwrap_or_default())
    }

    /// Vacuums and analyzes.
    pub fn tidy(&self, programs: &Path) -> Result<()> {
        let words = ["--all", "--analyze", "--quiet", "--username=picquet", "--host"];
        let done = Command::new(programs.join("vacuumdb")).args(words).arg(&self.socket.0).status()?;
        ensure!(done.success(), "vacuumdb failed");
        Ok(())
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        format!("postgres:///postgres?host={}&user=picquet", self.socket.0.display())
    }
}

impl Drop for Server {
    /// Stops it at once; what was committed is kept (SIGINT: "fast shutdown").
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Who the server runs as, if it cannot run as us: PostgreSQL refuses root.
#[cfg(unix)]
fn other_user() -> Result<Option<(u32, u32)>> {
    use std::os::unix::fs::MetadataExt;
    // A file that we make is ours.
    let probe = std::env::temp_dir().join(format!("picquet-who-{}", std::process::id()));
    let own = File::create(&probe)?.metadata()?.uid();
    fs::remove_file(&probe)?;
    if own != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    Ok(Some(["postgres", "nobody"].into_iter().find_map(ids).context("no user but root can run PostgreSQL")?))
}

/// A program of the server, run as who may run it.
#[cfg(unix)]
fn lowered(program: &Path) -> Result<Command> {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((user, group)) = other_user()? {
        command.uid(user).gid(group);
    }
    Ok(command)
}

/// Gives a folder to who runs the server, and nobody else.
#[cfg(unix)]
fn give(folder: &Path) -> Result<()> {
    use std::os::unix::fs::{PermissionsExt, chown};
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    if let Some((user, group)) = other_user()? {
        chown(folder, Some(user), Some(group))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn lowered(program: &Path) -> Result<Command> {
    Ok(Command::new(program))
}

#[cfg(not(unix))]
fn give(_: &Path) -> Result<()> {
    Ok(())
}
