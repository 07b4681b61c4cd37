//! Pretend devices and a pretend Apple that speak the real protocols.
