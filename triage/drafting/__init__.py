"""Strategies that turn an event into a test."""
