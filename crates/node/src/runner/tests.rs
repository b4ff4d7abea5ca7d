#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

use std::path::Path;

use kaifong_domain::record::Profile;

use super::*;

/// 李叔's device without a network, driven turn by turn.
struct Li {
    running: Loop,
    requests: mpsc::Sender<Request>,
    inbox: mpsc::Receiver<Request>,
    runtime: tokio::runtime::Runtime,
}

impl Li {
    fn at(data: &Path) -> Self {
        let mut keeper = Keeper::open(data, &Keys::of_system(KeyPlace::File)).unwrap();
        let node = keeper.open_node().unwrap();
        let (requests, inbox) = mpsc::channel(REQUESTS_QUEUED_MAX);
        let mut running = Loop::new(node, keeper, None, broadcast::channel(16).0);
        running.finish_step();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { running, requests, inbox, runtime }
    }

    fn turn(&mut self) {
        assert!(self.running.turn(&mut self.inbox, self.runtime.handle()).is_continue());
    }

    fn asks(&mut self, command: Command) -> Result<Done, NodeError> {
        let (reply, mut answer) = oneshot::channel();
        self.requests.try_send(Request::Command(command, reply)).unwrap();
        self.turn();
        answer.try_recv().unwrap()
    }

    fn founds(&mut self) {
        self.asks(Command::Found { building: "红棉里".into(), profile: profile("李叔") }).unwrap();
    }

    /// The store answers no more, as after a failed commit.
    fn loses_hold_of_its_store(&mut self) {
        self.running.keeper.let_go();
        self.running.node.abandon_store();
    }

    /// Looks as a screen does.
    fn sees<T: Send + 'static>(&mut self, look: impl FnOnce(&mut Node) -> T + Send + 'static) -> Option<T> {
        let (reply, mut answer) = oneshot::channel();
        let look: Look = Box::new(move |node| drop(reply.send(look(node))));
        self.requests.try_send(Request::Look(look)).unwrap();
        self.turn();
        answer.try_recv().ok()
    }
}

fn profile(name: &str) -> Profile {
    Profile { name: name.into(), block: String::new(), about: String::new(), place: None }
}

/// Spoils a store so that it does not open.
fn damage(data: &Path) {
    std::fs::write(data.join("store/sealed/conf"), "nonsense, nonsense").unwrap();
}

fn failed() -> StoreError {
    StoreError::Corrupt { what: "a failed commit".into() }
}

#[test]
fn the_clock_is_heard_however_much_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let mut li = Li::at(dir.path());
    li.running.wake = Some(Instant(1));
    for _ in 0..REQUESTS_QUEUED_MAX {
        li.requests.try_send(Request::Look(Box::new(|_| ()))).unwrap();
    }
    li.turn();
    assert_ne!(li.running.wake, Some(Instant(1)), "the tick was not put off");
}

#[test]
fn a_store_that_is_put_aside_while_running_is_a_loss_and_no_new_installation() {
    let dir = tempfile::tempdir().unwrap();
    let mut li = Li::at(dir.path());
    li.founds();
    let (building, tip) = li.sees(|node| (node.home().unwrap().id(), node.tip())).unwrap();
    assert!(tip.is_some());
    li.loses_hold_of_its_store();
    damage(dir.path());
    li.running.start_again(&failed(), Vec::new());

    let seen = li.sees(|node| (node.home().map(|home| home.id()), node.aside().is_some(), node.tip())).unwrap();
    assert_eq!(seen, (Some(building), true, None), "its building is known, and the old journal is not gone on with");
    // The first command writes the doubt too: another start must not forget it.
    li.asks(Command::SetProfile(profile("李叔"))).unwrap();
    let journals = li.sees(|node| node.home().unwrap().journals().journals().map(|open| open.open.nonce).collect());
    let journals: Vec<u64> = journals.unwrap();
    assert!(journals.len() == 1 && journals != [0], "the place of the lost one stays empty: {journals:?}");
}

#[test]
fn what_a_store_put_aside_leaves_in_doubt_is_still_so_after_a_crash() {
    let dir = tempfile::tempdir().unwrap();
    let mut li = Li::at(dir.path());
    li.founds();
    li.loses_hold_of_its_store();
    damage(dir.path());
    li.running.start_again(&failed(), Vec::new());
    drop(li);
    let mut li = Li::at(dir.path());
    assert_eq!(li.sees(|node| node.opens_first_journal()), Some(false));
}

#[test]
fn a_store_that_does_not_open_again_is_named_until_it_does() {
    let dir = tempfile::tempdir().unwrap();
    let mut li = Li::at(dir.path());
    li.founds();
    li.loses_hold_of_its_store();
    let (store, elsewhere) = (dir.path().join("store"), dir.path().join("elsewhere"));
    std::fs::rename(&store, &elsewhere).unwrap();
    std::fs::write(&store, b"in the way").unwrap();
    li.running.start_again(&failed(), Vec::new());

    let found = Command::Found { building: "红棉里".into(), profile: profile("李叔") };
    let answer = li.asks(found);
    assert!(matches!(answer, Err(NodeError::NotSaved(_))), "{answer:?}");
    assert_eq!(li.sees(|node| node.home().is_some()), None, "nobody is shown an empty installation");

    std::fs::remove_file(&store).unwrap();
    std::fs::rename(&elsewhere, &store).unwrap();
    assert_eq!(li.asks(Command::SetProfile(profile("老李"))), Ok(Done::Saved));
    assert_eq!(li.sees(|node| node.home().is_some()), Some(true));
}
