//! Each test reads like the sentence that it proves; the rule that it proves is named in the crate's documentation.

mod rules;
