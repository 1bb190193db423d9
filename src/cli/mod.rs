//! The command line: thin; converts arguments to calls and results to its own views.
