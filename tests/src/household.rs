//! A household as a real process: `kaifong run` with a folder of its own, asked over its local socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// How long anything in a test may take before it counts as never, in milliseconds.
pub const PATIENCE_MS: u64 = 60_000;

/// Why an ask was not answered as hoped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The closed code.
    pub code: String,
    /// The sentence.
    pub sentence: String,
}

/// One household's process.
#[derive(Debug)]
pub struct Household {
    /// What people call it.
    pub name: String,
    data: PathBuf,
    child: Option<Child>,
    said: Option<BufReader<ChildStdout>>,
    road: Option<BufReader<UnixStream>>,
    asked: u64,
}

impl Household {
    /// Names a household and its folder; nothing runs yet.
    pub fn new(name: &str, data: &Path) -> Self {
        let (name, data) = (name.to_owned(), data.to_owned());
        Self { name, data, child: None, said: None, road: None, asked: 0 }
    }

    /// Starts the process and waits until it says that it is up. `program` is the plain binary, or the binary within a
    /// namespace; `args` go to `run`.
    ///
    /// # Errors
    /// What kept it from coming up.
    pub fn start(&mut self, program: Command, args: &[&str]) -> Result<String, String> {
        self.begin(program, "run", args)
    }

    /// The same with a web interface; gives the link that lets one browser in, once.
    ///
    /// # Errors
    /// What kept it from coming up.
    pub fn serve(&mut self, program: Command, args: &[&str]) -> Result<String, String> {
        let link = self.begin(program, "serve", args)?;
        if !link.starts_with("http://127.0.0.1:") {
            return Err(format!("no link: {link}"));
        }
        let mut up = String::new();
        let said = self.said.as_mut().ok_or("no standard output")?;
        said.read_line(&mut up).map_err(|error| error.to_string())?;
        if up.is_empty() { Err(format!("{} did not come up", self.name)) } else { Ok(link) }
    }

    fn begin(&mut self, mut program: Command, subcommand: &str, args: &[&str]) -> Result<String, String> {
        let log = self.data.with_extension("log");
        let log = std::fs::File::options().create(true).append(true).open(log).map_err(|error| error.to_string())?;
        let child = program
            .arg("--data")
            .arg(&self.data)
            .arg(subcommand)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn();
        let mut child = child.map_err(|error| format!("{}: {error}", self.name))?;
        let mut said = child.stdout.take().map(BufReader::new).ok_or("no standard output")?;
        let mut line = String::new();
        said.read_line(&mut line).map_err(|error| error.to_string())?;
        self.child = Some(child);
        self.said = Some(said);
        if line.is_empty() {
            self.kill();
            return Err(format!("{} did not come up; see {}", self.name, self.data.with_extension("log").display()));
        }
        Ok(line.trim().to_owned())
    }

    /// The household's folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The process's number, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Asks for a command or query of the api table.
    ///
    /// # Errors
    /// [`Refused`], also when the process does not answer.
    pub fn ask(&mut self, name: &str, args: &Value) -> Result<Value, Refused> {
        let lost = |error: &dyn std::fmt::Display| Refused { code: "test-lost".into(), sentence: error.to_string() };
        self.asked += 1;
        let id = self.asked;
        let road = match &mut self.road {
            Some(road) => road,
            slot => {
                let stream = UnixStream::connect(self.data.join("kaifong.sock")).map_err(|error| lost(&error))?;
                let patience = Some(Duration::from_millis(PATIENCE_MS * 2));
                stream.set_read_timeout(patience).map_err(|error| lost(&error))?;
                slot.insert(BufReader::new(stream))
            }
        };
        let line = format!("{}\n", json!({"id": id, "name": name, "args": args}));
        let mut answer = String::new();
        let sent = road.get_mut().write_all(line.as_bytes()).and_then(|()| road.read_line(&mut answer));
        if let Err(error) = sent {
            self.road = None;
            return Err(lost(&error));
        }
        let answer: Value = serde_json::from_str(&answer).map_err(|error| {
            self.road = None;
            lost(&error)
        })?;
        match answer.get("error") {
            Some(error) if !error.is_null() => {
                let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                Err(Refused { code: text("code"), sentence: text("sentence") })
            }
            _ => Ok(answer.get("ok").cloned().unwrap_or(Value::Null)),
        }
    }

    /// Waits until a part of a query's result is as wanted, and gives the result.
    ///
    /// # Errors
    /// What was there instead when the patience was over.
    pub fn wait(&mut self, query: &str, args: Value, at: &str, wanted: Wanted) -> Result<Value, String> {
        let mut ask = json!({"query": query, "args": args, "at": at, "timeout_ms": PATIENCE_MS});
        if let Some(ask) = ask.as_object_mut() {
            match &wanted {
                Wanted::Is(value) => ask.insert("is".into(), value.clone()),
                Wanted::Least(least) => ask.insert("least".into(), json!(least)),
            };
        }
        let waited = self.ask("wait", &ask).map_err(|refused| format!("{}: {refused:?}", self.name))?;
        let result = waited.get("result").cloned().unwrap_or(Value::Null);
        if waited.get("met") == Some(&Value::Bool(true)) {
            Ok(result)
        } else {
            Err(format!("{}: waited for {query} {at} {wanted:?}, and found {result:#}", self.name))
        }
    }

    /// Pulls the plug: SIGKILL, at once.
    pub fn kill(&mut self) {
        self.road = None;
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks the process to end in order, and waits for it.
    ///
    /// # Errors
    /// How it ended instead.
    pub fn stop(&mut self) -> Result<(), String> {
        self.road = None;
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let told = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status();
        told.map_err(|error| error.to_string())?;
        let ended = child.wait().map_err(|error| error.to_string())?;
        if let Some(mut said) = self.said.take() {
            let mut rest = String::new();
            // Only so that the pipe is drained.
            let _ = said.read_to_string(&mut rest);
        }
        if ended.success() { Ok(()) } else { Err(format!("{} ended with {ended}", self.name)) }
    }
}

impl Drop for Household {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What is waited for.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// The part equals this.
    Is(Value),
    /// The part is a number of at least this, or a list of at least that many.
    Least(i64),
}
