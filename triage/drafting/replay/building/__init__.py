"""From values to expressions: every name that a call needs, bound to something a maintainer would write."""
