//! iroh endpoint and LAN discovery.
