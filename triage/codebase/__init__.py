"""The repository under triage."""
