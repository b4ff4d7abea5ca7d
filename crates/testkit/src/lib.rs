//! A simulated building: devices, clock, network, disks and faults on one seed.
