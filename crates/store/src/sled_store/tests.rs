use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::conformance;

fn opened(dir: &Path) -> SledStore {
    SledStore::open(dir).unwrap().store
}

#[test]
fn sled_conforms() {
    let home = TempDir::new().unwrap();
    let mut n = 0;
    conformance::check_all(|| {
        n += 1;
        opened(&home.path().join(n.to_string()))
    });
}

#[test]
fn sled_lives_like_an_ordered_map() {
    let home = TempDir::new().unwrap();
    let n = std::cell::Cell::new(0);
    let dir = || home.path().join(n.get().to_string());
    conformance::check_model(
        24,
        || {
            n.set(n.get() + 1);
            opened(&dir())
        },
        |store| {
            if n.get() % 2 == 0 {
                store.close().unwrap();
            } else {
                drop(store);
            }
            let again = SledStore::open(&dir()).unwrap();
            assert_eq!(again.aside, None);
            again.store
        },
    );
}
