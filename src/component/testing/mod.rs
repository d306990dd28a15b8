//! For tests of components: a driver that runs one from configuration text.
