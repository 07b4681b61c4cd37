//! Apple's services, as a client.
