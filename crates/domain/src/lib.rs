//! What neighbours do: ids, records, state machines, refusals, projections; pure.
