//! `Signed<T>` withholds its payload; `Verified<T>` gives it.
//!
//! Everything that a device vouches for is encoded once (postcard), hashed under its own context, and that hash is
//! signed with Ed25519 (RFC 8032). Verification is `verify_strict` everywhere, one by one: batch verification can disagree
//! with single verification on crafted signatures. The bytes that were signed are kept and handed on as they are, so a
//! second encoding of the same value is never needed.

use std::fmt;
use std::marker::PhantomData;

use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use kaifong_domain::DeviceId;
use rand_core::CryptoRng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Why bytes were not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// The bytes do not decode as what they should be.
    #[error("malformed: not a {what}")]
    Malformed {
        /// What was expected.
        what: &'static str,
    },
    /// The payload is larger than anything honest.
    #[error("too large: {found} bytes, at most {most}")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        most: usize,
    },
    /// The signature does not fit the signer and the payload.
    #[error("the signature does not fit")]
    BadSignature,
    /// It belongs to another building.
    #[error("it belongs to another building")]
    ForeignBuilding,
    /// A rule of journals, certificates or epochs is broken.
    #[error("it breaks a rule: {rule}")]
    Rule {
        /// The rule in words.
        rule: &'static str,
    },
}

/// What can be signed. Each type has a context of its own, so that a signature over one never passes for another.
pub trait Signable: Serialize + DeserializeOwned {
    /// The context, unique to the type and its version.
    const CONTEXT: &'static str;
    /// The largest honest payload in bytes.
    const SIZE_BYTES_MAX: usize;

    /// Gives the key that the context stands for. A type that is hashed by the million keeps it.
    fn context_key() -> ContextKey {
        hash_derive_key_context(Self::CONTEXT)
    }

    /// Checks what can be judged of a value by itself: lengths, ranges, printable texts. Nothing that fails is believed,
    /// whoever signed it.
    ///
    /// # Errors
    /// [`Distrust::Rule`] with the first rule that is broken.
    fn check(&self) -> Result<(), Distrust> {
        Ok(())
    }
}

/// What a signed value adds to its payload on the wire, in bytes: signer, length, signature.
const FRAME_BYTES_MAX: usize = 32 + 10 + 64;

/// A payload with the claim that `signer` vouches for it. It gives nothing away before [`Signed::verify`].
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Signed<T> {
    signer: DeviceId,
    #[serde(with = "payload_bytes")]
    payload: Vec<u8>,
    #[serde(with = "signature_bytes")]
    signature: [u8; 64],
    #[serde(skip)]
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Signed<T> {
    fn clone(&self) -> Self {
        Self { signer: self.signer, payload: self.payload.clone(), signature: self.signature, of: PhantomData }
    }
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.signer, &self.payload, self.signature) == (other.signer, &other.payload, other.signature)
    }
}

impl<T> Eq for Signed<T> {}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} bytes, claims {})", self.payload.len(), self.signer.short())
    }
}

impl<T: Signable> Signed<T> {
    /// Gives the hash by which others cite it; it covers context, signer and payload, and not the signature.
    pub fn hash(&self) -> [u8; 32] {
        hash_of::<T>(&self.signer, &self.payload)
    }

    /// Names the device that is claimed to have signed; nothing is proven by it.
    pub fn claimed_signer(&self) -> DeviceId {
        self.signer
    }

    /// Gives the size in bytes of the payload, so that a caller can refuse before any work.
    pub fn size_bytes(&self) -> usize {
        self.payload.len()
    }

    /// Checks size, signature and form, in this order, and gives the payload away.
    ///
    /// # Errors
    /// [`Distrust::TooLarge`], [`Distrust::BadSignature`], [`Distrust::Malformed`] or [`Distrust::Rule`], in this order.
    pub fn verify(self) -> Result<Verified<T>, Distrust> {
        if self.payload.len() > T::SIZE_BYTES_MAX {
            return Err(Distrust::TooLarge { found: self.payload.len(), most: T::SIZE_BYTES_MAX });
        }
        let key = VerifyingKey::from_bytes(&self.signer.0).map_err(|_| Distrust::BadSignature)?;
        let hash = self.hash();
        let signature = ed25519_dalek::Signature::from_bytes(&self.signature);
        key.verify_strict(&hash, &signature).map_err(|_| Distrust::BadSignature)?;
        let value: T = decode_exact(&self.payload, T::CONTEXT)?;
        value.check()?;
        Ok(Verified { value, hash, signed: self })
    }

    /// Gives back as verified what this process verified before it wrote it to its own store; only the form is checked.
    /// A start reads a hundred thousand entries, and verifying them again would take seconds; `kaifong audit` does.
    ///
    /// # Errors
    /// [`Distrust::Malformed`] or [`Distrust::Rule`].
    pub fn recall_from_own_store(self) -> Result<Verified<T>, Distrust> {
        let value: T = decode_exact(&self.payload, T::CONTEXT)?;
        value.check()?;
        Ok(Verified { value, hash: self.hash(), signed: self })
    }

    /// Looks at the payload of what stands inside something that was verified together with it; what does not decode gives
    /// the default.
    pub(crate) fn peek<R: Default>(&self, look: impl FnOnce(&T) -> R) -> R {
        decode_exact::<T>(&self.payload, T::CONTEXT).map(|value| look(&value)).unwrap_or_default()
    }

    /// Encodes it for the wire or the store.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Decodes what [`Signed::to_bytes`] wrote; nothing is verified yet.
    ///
    /// # Errors
    /// [`Distrust::TooLarge`] before anything is decoded, or [`Distrust::Malformed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Distrust> {
        let most = T::SIZE_BYTES_MAX + FRAME_BYTES_MAX;
        if bytes.len() > most {
            return Err(Distrust::TooLarge { found: bytes.len(), most });
        }
        decode_exact(bytes, T::CONTEXT)
    }
}

/// A payload whose signature was verified in this process, or that this device has signed itself.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    value: T,
    hash: [u8; 32],
    signed: Signed<T>,
}

impl<T> Verified<T> {
    /// Gives the payload.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Names the device that signed.
    pub fn signer(&self) -> DeviceId {
        self.signed.signer
    }

    /// Gives the hash by which others cite it.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// Gives the signed bytes back, to hand them on.
    pub fn signed(&self) -> &Signed<T> {
        &self.signed
    }
}

/// The secret half of a device's identity in one building.
#[derive(Clone)]
pub struct DeviceKey {
    key: SigningKey,
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({})", self.id().short())
    }
}

impl DeviceKey {
    /// Draws a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Self::from_seed(seed)
    }

    /// Makes the key that belongs to a 32-byte seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { key: SigningKey::from_bytes(&seed) }
    }

    /// Gives the seed, for the key file and the iroh endpoint; nothing else may see it.
    pub fn seed(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// Gives the public half.
    pub fn id(&self) -> DeviceId {
        DeviceId(self.key.verifying_key().to_bytes())
    }

    /// Signs a value that others will believe, by the rules that [`Signed::verify`] goes by.
    ///
    /// # Errors
    /// [`Distrust::TooLarge`] or [`Distrust::Rule`]; nothing was signed then.
    pub fn try_sign<T: Signable>(&self, value: T) -> Result<Verified<T>, Distrust> {
        let (found, most) = (encode(&value).len(), T::SIZE_BYTES_MAX);
        if found > most {
            return Err(Distrust::TooLarge { found, most });
        }
        value.check()?;
        Ok(self.sign(value))
    }

    /// Signs a value. What a device signs it believes, so the result is verified by construction. Where a person's words
    /// or lists of any length go in, [`DeviceKey::try_sign`] is for it: what is too large or breaks a rule of form is
    /// signed here all the same, and nobody else will take it.
    pub fn sign<T: Signable>(&self, value: T) -> Verified<T> {
        let payload = encode(&value);
        let signer = self.id();
        let hash = hash_of::<T>(&signer, &payload);
        let signature = self.key.sign(&hash).to_bytes();
        Verified { value, hash, signed: Signed { signer, payload, signature, of: PhantomData } }
    }
}

fn hash_of<T: Signable>(signer: &DeviceId, payload: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_from_context_key(&T::context_key());
    hasher.update(&signer.0).update(payload);
    *hasher.finalize().as_bytes()
}

/// Encodes a value of ours. Values of ours always encode; should that ever fail, the empty bytes decode as nothing.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let bytes = postcard::to_stdvec(value);
    debug_assert!(bytes.is_ok(), "a value of ours did not encode");
    bytes.unwrap_or_default()
}

/// Decodes bytes and insists that none are left over.
///
/// # Errors
/// [`Distrust::Malformed`].
pub fn decode_exact<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, Distrust> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(Distrust::Malformed { what }),
    }
}

/// The same bytes on the wire as a sequence of `u8`, but taken as one piece: a length that the input does not have is
/// refused before anything is allocated, and nothing is copied byte by byte.
mod payload_bytes {
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        from.deserialize_byte_buf(Bytes)
    }

    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("bytes")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }

        fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }
    }
}

mod signature_bytes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 64], to: S) -> Result<S::Ok, S::Error> {
        let (a, b) = bytes.split_at(32);
        (<[u8; 32]>::try_from(a).unwrap_or_default(), <[u8; 32]>::try_from(b).unwrap_or_default()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 64], D::Error> {
        let (a, b) = <([u8; 32], [u8; 32])>::deserialize(from)?;
        let mut all = [0; 64];
        all.iter_mut().zip(a.into_iter().chain(b)).for_each(|(to, byte)| *to = byte);
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
