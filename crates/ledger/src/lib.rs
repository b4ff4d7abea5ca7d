//! Points: a fold over journals; pure.
