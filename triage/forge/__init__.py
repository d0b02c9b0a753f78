"""Branches, pushes and pull requests."""
