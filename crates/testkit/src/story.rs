//! What is told of a failing run: short, with people's names.

use std::collections::VecDeque;

/// How many lines the story of a failing run keeps: the last ones.
pub(crate) const LINES_MAX: usize = 40;

/// The last things that happened, in people's words. Silent unless it was asked for: telling costs more than living.
#[derive(Debug, Default)]
pub(crate) struct Story {
    /// How many lines it keeps; none if it is silent.
    lines_max: usize,
    lines: VecDeque<String>,
    left_out: usize,
}

impl Story {
    /// Starts a story of which so many lines are kept; one of none stays silent.
    pub(crate) fn new(lines_max: usize) -> Self {
        Self { lines_max, ..Self::default() }
    }

    /// Adds a line at a simulated time.
    pub(crate) fn tell(&mut self, now_ms: u64, line: impl FnOnce() -> String) {
        if self.lines_max == 0 {
            return;
        }
        if self.lines.len() >= self.lines_max {
            self.lines.pop_front();
            self.left_out += 1;
        }
        let (minutes, seconds, millis) = (now_ms / 60_000, now_ms / 1000 % 60, now_ms % 1000);
        self.lines.push_back(format!("{minutes:>4}:{seconds:02}.{millis:03}  {}", line()));
    }

    /// Gives the whole story.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if self.left_out > 0 {
            text.push_str(&format!("  … {} earlier lines\n", self.left_out));
        }
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
