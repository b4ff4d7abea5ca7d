//! Which offers fit which needs, and why.
