"""Trying candidates inside the target's interpreter until one fails the way production failed."""
