//! What is special to SQLite, from inside.
