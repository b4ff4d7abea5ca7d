//! Member documents in Automerge and the gate that judges foreign changes.
