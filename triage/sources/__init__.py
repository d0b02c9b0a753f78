"""Where errors come from, one module a wire."""
