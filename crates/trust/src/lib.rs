//! Keys, signatures, journals, certificates, stamps and envelopes; pure.
