//! The end of the socket that a running node holds.

use std::fmt;
use std::future::Future;
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::{Door, Line, OPEN, OpenArgs, Reply, Request, SUBSCRIBE, parse_request, read_line, socket_path, too_long};
use crate::dto::{Changed, HomeId, Tag};
use crate::table::{Event, FILE_REQUEST_BYTES_MAX};
use crate::{ApiError, Code, Installation, Told};

/// How many may be connected at a time.
const CLIENTS_MAX: usize = 64;
/// How much one client may ask before the first answer.
const ASKED_MAX: usize = 32;
/// How long a client that asks nothing more is still answered.
const FAREWELL: Duration = Duration::from_secs(10);

/// A socket that waits for clients. Dropping it removes the socket.
pub struct Listening {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode: another process may have put its own socket there since.
    file: (u64, u64),
    /// What shows the interface, where there is one.
    door: Option<Arc<dyn Door>>,
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Listening {
    /// Opens the socket of a data folder. What a process that is gone left there is removed.
    ///
    /// # Errors
    /// `not-reachable`: another process answers there, something else stands there, or the system refuses.
    pub fn open(data: &Path) -> Result<Self, ApiError> {
        let path = socket_path(data)?;
        remove_stale(&path)?;
        let (listener, file) = bind(data, &path).map_err(|error| refused(&path, &error))?;
        Ok(Self { listener, path, file, door: None })
    }

    /// Shows the interface as well.
    pub fn with_door(mut self, door: impl Door + 'static) -> Self {
        self.door = Some(Arc::new(door));
        self
    }

    /// Gives where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Answers clients until `stop` is over. What is being answered then is let go: a command that was begun is done
    /// and durable all the same.
    pub async fn serve(self, installation: Installation, stop: impl Future<Output = ()>) {
        let mut clients = JoinSet::new();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => return,
                Some(_) = clients.join_next() => {}
                accepted = self.listener.accept(), if clients.len() < CLIENTS_MAX => match accepted {
                    Ok((stream, _)) => {
                        clients.spawn(attend(stream, installation.clone(), self.door.clone()));
                    }
                    Err(error) => {
                        // Out of file descriptors, most likely: it passes.
                        tracing::warn!(%error, "a client could not be let in");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let ours = std::fs::symlink_metadata(&self.path).is_ok_and(|meta| (meta.dev(), meta.ino()) == self.file);
        if ours && let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket could not be removed");
        }
    }
}

/// Makes the socket where nobody else can reach it, and moves it to its place once it is for its owner only.
fn bind(data: &Path, path: &Path) -> io::Result<(UnixListener, (u64, u64))> {
    let private = data.join(".sock");
    match std::fs::DirBuilder::new().mode(0o700).create(&private) {
        // Left by a process that died in between; whoever holds the store is the only one here.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_dir_all(&private).and_then(|()| std::fs::DirBuilder::new().mode(0o700).create(&private))?
        }
        made => made?,
    }
    let hidden = private.join("k");
    let listener = UnixListener::bind(&hidden)?;
    std::fs::set_permissions(&hidden, std::fs::Permissions::from_mode(0o600))?;
    let meta = std::fs::symlink_metadata(&hidden)?;
    std::fs::rename(&hidden, path)?;
    std::fs::remove_dir(&private)?;
    Ok((listener, (meta.dev(), meta.ino())))
}

fn remove_stale(path: &Path) -> Result<(), ApiError> {
    let meta = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(refused(path, &error)),
        Ok(meta) => meta,
    };
    if !meta.file_type().is_socket() {
        let why = format!("{} 不是套接字", path.display());
        return Err(ApiError::not_reachable(why).hinted("看看它是什么，挪开再试"));
    }
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        let why = format!("另一个 kaifong 正在 {} 应答", path.display());
        return Err(ApiError::not_reachable(why).hinted("一个数据目录只开一个 kaifong run"));
    }
    std::fs::remove_file(path).map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &io::Error) -> ApiError {
    ApiError::not_reachable(format_args!("套接字 {} 用不了：{error}", path.display()))
}

/// Talks with one client until it leaves.
async fn attend(stream: UnixStream, installation: Installation, door: Option<Arc<dyn Door>>) {
    let (reader, writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let (told, telling) = mpsc::channel::<Reply>(ASKED_MAX);
    let mut answering = JoinSet::new();
    answering.spawn(tell(writer, telling));
    let asked = Arc::new(Semaphore::new(ASKED_MAX));
    let mut subscribed = false;
    loop {
        // Whoever asks faster than is answered waits here, and then in the socket.
        let Ok(place) = Arc::clone(&asked).acquire_owned().await else { return };
        let line = match read_line(&mut reader, FILE_REQUEST_BYTES_MAX).await {
            Ok(Line::Whole(line)) => line,
            Ok(Line::TooLong) => {
                let _ = told.send(Reply::Error { id: None, error: too_long(FILE_REQUEST_BYTES_MAX) }).await;
                break;
            }
            Ok(Line::End) => break,
            Err(error) => {
                tracing::debug!(%error, "a client was cut off");
                return;
            }
        };
        let told = told.clone();
        match parse_request(&line) {
            Err(error) => {
                let _ = told.send(Reply::Error { id: None, error }).await;
            }
            Ok(Request { id, home, name, .. }) if name == SUBSCRIBE => {
                // Listening comes before the answer: who has it misses nothing from then on.
                let events = installation.events();
                let home = match installation.home(home.as_deref()) {
                    Ok((home, _)) => home,
                    Err(error) => {
                        let _ = told.send(Reply::Error { id: Some(id), error }).await;
                        continue;
                    }
                };
                let _ = told.send(Reply::Ok { id, ok: serde_json::json!({}) }).await;
                if !subscribed {
                    subscribed = true;
                    answering.spawn(pass_on(home, events, told));
                }
            }
            Ok(Request { id, name, args, .. }) if name == OPEN => {
                let _ = told.send(open(door.as_deref(), id, args)).await;
            }
            Ok(request) => {
                let installation = installation.clone();
                answering.spawn(async move {
                    let answer = installation.ask(request.home.as_deref(), &request.name, request.args).await;
                    let reply = match answer {
                        Ok(ok) => Reply::Ok { id: request.id, ok },
                        Err(error) => Reply::Error { id: Some(request.id), error },
                    };
                    // The client may have gone.
                    let _ = told.send(reply).await;
                    drop(place);
                });
            }
        }
        // Answers that are over are not kept.
        while answering.try_join_next().is_some() {}
    }
    drop(told);
    if subscribed {
        // Events have no end: nobody reads them any more.
        return;
    }
    // What was asked before the client closed its half is answered; whether it closed both cannot be seen from here, and
    // a long wait is not to keep a place for nobody.
    let answered = async { while answering.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, answered).await.is_err() {
        tracing::debug!("a client left before its answers");
    }
}

/// Opens the interface.
fn open(door: Option<&dyn Door>, id: u64, args: Value) -> Reply {
    let made = || {
        let args: Option<OpenArgs> = serde_json::from_value(args).map_err(ApiError::bad_arguments)?;
        let without =
            || ApiError::not_reachable("在运行的 kaifong 没有网页").hinted("停下 kaifong run，改用 kaifong serve");
        let opened = door.ok_or_else(without)?.open(args.unwrap_or_default().to.as_deref())?;
        serde_json::to_value(opened).map_err(ApiError::not_reachable)
    };
    match made() {
        Ok(ok) => Reply::Ok { id, ok },
        Err(error) => Reply::Error { id: Some(id), error },
    }
}

async fn tell(mut writer: OwnedWriteHalf, mut telling: mpsc::Receiver<Reply>) {
    while let Some(reply) = telling.recv().await {
        let mut line = serde_json::to_vec(&reply).unwrap_or_else(|error| {
            let error = ApiError::new(Code::NOT_REACHABLE, error.to_string());
            serde_json::to_vec(&Reply::Error { id: None, error }).unwrap_or_default()
        });
        line.push(b'\n');
        if writer.write_all(&line).await.is_err() {
            return;
        }
    }
}

async fn pass_on(home: HomeId, mut events: tokio::sync::broadcast::Receiver<Told>, told: mpsc::Sender<Reply>) {
    loop {
        let event = match events.recv().await {
            Ok(Told { home: at, event }) if at.is_none_or(|at| at == home) => event,
            Ok(_) => continue,
            // What was missed may have touched anything.
            Err(RecvError::Lagged(_)) => Event::Changed(Changed { tags: Tag::ALL.to_vec() }),
            Err(RecvError::Closed) => return,
        };
        if told.send(Reply::Event(event)).await.is_err() {
            return;
        }
    }
}
