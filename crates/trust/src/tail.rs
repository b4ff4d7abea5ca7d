//! What was added to a form after the first ones of it had been signed.
//!
//! Postcard writes no names, so a form is known by its place alone, and nothing can be put into the middle of one. But what
//! stands last in a signed payload can grow: whoever has nothing to say there writes nothing, byte for byte as before, and
//! what was signed before reads as having nothing to say. What is there is led by a mark, so that a later addition has room.
//!
//! Only for the last field of what is last in its payload. Each value keeps one encoding: nothing to say, written out, is
//! refused.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const MARK: u8 = 1;

/// Tells whether there is nothing to write.
pub fn is_silent<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Writes what there is to say, behind its mark.
///
/// # Errors
/// What the serializer gives.
pub fn serialize<S: Serializer, T: Serialize>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    let mut tuple = to.serialize_tuple(2)?;
    tuple.serialize_element(&MARK)?;
    tuple.serialize_element(value)?;
    tuple.end()
}

/// Reads what there is, or nothing at the end of the payload.
///
/// # Errors
/// What the deserializer gives; an unknown mark, or nothing to say that is written out.
pub fn deserialize<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default + PartialEq,
{
    struct Tail<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de> + Default + PartialEq> Visitor<'de> for Tail<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("nothing, or a mark and what it announces")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
            // A byte can be missing for one reason only: the payload ends here.
            let Ok(Some(mark)) = seq.next_element::<u8>() else { return Ok(T::default()) };
            let value: Option<T> = if mark == MARK { seq.next_element()? } else { None };
            value.filter(|value| !is_silent(value)).ok_or_else(|| A::Error::custom("no such addition"))
        }
    }

    from.deserialize_tuple(2, Tail(PhantomData))
}

/// A second addition behind the first one: a pair, of which the first part alone is written as it was before there was a
/// second, and the pair behind a mark of its own where the second has something to say.
pub mod second {
    use super::*;

    const MARK_OF_TWO: u8 = 2;

    /// Writes what there is to say, behind its mark.
    ///
    /// # Errors
    /// What the serializer gives.
    pub fn serialize<S, A, B>((first, second): &(A, B), to: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
        A: Serialize,
        B: Serialize + Default + PartialEq,
    {
        if is_silent(second) {
            return super::serialize(first, to);
        }
        let mut tuple = to.serialize_tuple(3)?;
        tuple.serialize_element(&MARK_OF_TWO)?;
        tuple.serialize_element(first)?;
        tuple.serialize_element(second)?;
        tuple.end()
    }

    /// Reads what there is, or nothing at the end of the payload.
    ///
    /// # Errors
    /// What the deserializer gives; an unknown mark, or nothing to say that is written out.
    pub fn deserialize<'de, D, A, B>(from: D) -> Result<(A, B), D::Error>
    where
        D: Deserializer<'de>,
        A: Deserialize<'de> + Default + PartialEq,
        B: Deserialize<'de> + Default + PartialEq,
    {
        struct Tail<A, B>(PhantomData<(A, B)>);

        impl<'de, A, B> Visitor<'de> for Tail<A, B>
        where
            A: Deserialize<'de> + Default + PartialEq,
            B: Deserialize<'de> + Default + PartialEq,
        {
            type Value = (A, B);

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("nothing, or a mark and what it announces")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(A, B), S::Error> {
                let none = || S::Error::custom("no such addition");
                // A byte can be missing for one reason only: the payload ends here.
                let Ok(Some(mark)) = seq.next_element::<u8>() else { return Ok(Default::default()) };
                match mark {
                    MARK => {
                        let first: Option<A> = seq.next_element()?;
                        Ok((first.filter(|first| !is_silent(first)).ok_or_else(none)?, B::default()))
                    }
                    MARK_OF_TWO => {
                        let first: A = seq.next_element()?.ok_or_else(none)?;
                        let second: Option<B> = seq.next_element()?;
                        Ok((first, second.filter(|second| !is_silent(second)).ok_or_else(none)?))
                    }
                    _ => Err(none()),
                }
            }
        }

        from.deserialize_tuple(3, Tail(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::signed::{decode_exact, encode};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Before {
        number: u32,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Since {
        number: u32,
        #[serde(default, skip_serializing_if = "super::is_silent", with = "super")]
        names: Vec<String>,
    }

    #[test]
    fn what_was_signed_before_reads_as_having_nothing_to_say_and_is_written_as_it_was() {
        let before = encode(&Before { number: 700 });
        let since: Since = decode_exact(&before, "form").unwrap();
        assert_eq!(since, Since { number: 700, names: Vec::new() });
        assert_eq!(encode(&since), before);
    }

    #[test]
    fn what_is_said_comes_back_and_has_one_spelling() {
        let since = Since { number: 7, names: vec!["南块".into()] };
        let bytes = encode(&since);
        assert_eq!(decode_exact::<Since>(&bytes, "form").unwrap(), since);
        for cut in 2..bytes.len() {
            assert!(decode_exact::<Since>(&bytes[..cut], "form").is_err(), "cut at {cut}");
        }
        // Nothing to say, spelled out; an unknown mark; more than there is.
        for odd in [&[7, 1, 0][..], &[7, 0], &[7, 2, 0], &[7, 1, 200], &[7, 1, 1, 1, b'a', 0]] {
            assert!(decode_exact::<Since>(odd, "form").is_err(), "{odd:?}");
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Later {
        number: u32,
        #[serde(default, skip_serializing_if = "super::is_silent", with = "super::second")]
        more: (Vec<String>, Vec<u8>),
    }

    #[test]
    fn a_second_addition_leaves_what_was_written_before_it_as_it_was() {
        for names in [Vec::new(), vec!["南块".to_owned()]] {
            let before = encode(&Since { number: 7, names: names.clone() });
            let later: Later = decode_exact(&before, "form").unwrap();
            assert_eq!(later, Later { number: 7, more: (names.clone(), Vec::new()) });
            assert_eq!(encode(&later), before);
            let both = Later { number: 7, more: (names.clone(), vec![9]) };
            let bytes = encode(&both);
            assert_eq!(decode_exact::<Later>(&bytes, "form").unwrap(), both);
            for cut in 2..bytes.len() {
                assert!(decode_exact::<Later>(&bytes[..cut], "form").is_err(), "cut at {cut}");
            }
        }
        for odd in [&[7, 1, 0][..], &[7, 0], &[7, 2, 0, 0], &[7, 2, 1, 1, b'a', 0], &[7, 3, 0, 1, 9]] {
            assert!(decode_exact::<Later>(odd, "form").is_err(), "{odd:?}");
        }
    }
}
