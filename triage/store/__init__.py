"""Tables, queries and migrations of the local database."""
