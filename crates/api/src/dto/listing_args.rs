//! What listings are posted, looked for and found with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::args::args;
use super::{Form, Kind, Mode, Side, Task, Topic, Word};
use crate::Hex;
use kaifong_domain::{ListingId, MemberId};

args! {
    /// An offer or a need to post.
    PostArgs {
        /// Offer or need.
        side: Side,
        /// The kind; a need may leave it open.
        #[serde(default)]
        kind: Option<Kind>,
        /// How a thing changes hands; an offered thing needs it.
        #[serde(default)]
        mode: Option<Mode>,
        /// What kind of volunteering time goes into.
        #[serde(default)]
        task: Option<Task>,
        /// 1 to 60 characters.
        title: String,
        /// At most 2,000 characters.
        #[serde(default)]
        body: String,
        /// What it costs or brings; left to the two if not told.
        #[serde(default)]
        points: Option<u32>,
        /// The zone or block whose neighbours it is for; the whole building if not told.
        #[serde(default)]
        audience: Option<u32>,
        /// For whom it is posted, without a name, where it is somebody else's need.
        #[serde(default)]
        on_behalf: Option<String>,
        /// Whether it is private: it says its name only, and nobody reviews it.
        #[serde(default)]
        discreet: bool,
        /// The form of knowledge or of a skill, or the purpose of a space.
        #[serde(default)]
        form: Option<Form>,
        /// What is taught; for knowledge.
        #[serde(default)]
        topic: Option<Topic>,
        /// Where it stands in the tree of categories: `books`, or `added:` and an id.
        #[serde(default)]
        category: Option<String>,
        /// For whom it is entered, 1 to 30 characters; for organisers and volunteers.
        #[serde(default)]
        behalf: Option<String>,
        /// 合买: who owns it, too, at most eleven; of things that are lent. They are its owners once they say so themselves.
        #[serde(default)]
        owners: Vec<Hex<MemberId>>,
        /// Where it lies, 1 to 30 characters; of things.
        #[serde(default)]
        shelf: Option<String>,
        /// How many neighbours can have it at a time, 1 to 100; of skills, knowledge and time that are offered.
        #[serde(default)]
        places: Option<u16>,
    }

    /// The new words of an own listing.
    EditArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// What it says from now on; all of it is replaced.
        words: PostArgs,
    }

    /// Which listings to show, the newest first.
    ListingsArgs {
        /// Only this side.
        #[serde(default)]
        side: Option<Side>,
        /// Only this kind.
        #[serde(default)]
        kind: Option<Kind>,
        /// Only this mode.
        #[serde(default)]
        mode: Option<Mode>,
        /// Only this kind of volunteering.
        #[serde(default)]
        task: Option<Task>,
        /// Only this form.
        #[serde(default)]
        form: Option<Form>,
        /// Only this topic.
        #[serde(default)]
        topic: Option<Topic>,
        /// Only what this one of the six words says.
        #[serde(default)]
        word: Option<Word>,
        /// Only this category, or all of this class.
        #[serde(default)]
        category: Option<String>,
        /// Only those that contain this text, 繁 and 简, upper and lower case alike.
        #[serde(default)]
        text: Option<String>,
        /// Only one's own.
        #[serde(default)]
        mine: bool,
        /// Only this member's.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
        /// Only those of who lets it be seen that they live in this zone or block.
        #[serde(default)]
        place: Option<u32>,
        /// Only those that can still be answered.
        #[serde(default)]
        open: bool,
        /// At most this many, 1 to 200; 50 if not told.
        #[serde(default)]
        limit: Option<u32>,
        /// The page of newer ones before this cursor.
        #[serde(default)]
        before: Option<String>,
        /// The page of older ones after this cursor.
        #[serde(default)]
        after: Option<String>,
    }

    /// Whose other side to look for.
    MatchesArgs {
        /// Which listing.
        listing: Hex<ListingId>,
        /// Whose; looked up if not told.
        #[serde(default)]
        owner: Option<Hex<MemberId>>,
        /// At most this many, 1 to 50; 10 if not told.
        #[serde(default)]
        limit: Option<u32>,
    }

    /// What to look for.
    SearchArgs {
        /// Words as people type them.
        text: String,
        /// Only this side.
        #[serde(default)]
        side: Option<Side>,
        /// At most this many, 1 to 200; 20 if not told.
        #[serde(default)]
        limit: Option<u32>,
    }
}

impl ListingsArgs {
    /// Makes the arguments that ask for the newest listings of any side.
    pub fn newest() -> Self {
        Self {
            side: None,
            kind: None,
            mode: None,
            task: None,
            form: None,
            topic: None,
            word: None,
            category: None,
            text: None,
            mine: false,
            owner: None,
            place: None,
            open: false,
            limit: None,
            before: None,
            after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_and_what_is_misspelt_is_refused() {
        assert_eq!(serde_json::from_str::<ListingsArgs>("{}").unwrap(), ListingsArgs::newest());
        let error = serde_json::from_str::<ListingsArgs>(r#"{"sied":"offer"}"#).unwrap_err().to_string();
        assert!(error.contains("sied"), "{error}");
        assert!(serde_json::from_str::<PostArgs>(r#"{"side":"offer"}"#).is_err(), "a title is needed");
    }
}
