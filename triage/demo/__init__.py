"""A sample service with real errors."""
