"""Making a reproducing candidate smaller and simpler, proven at every step."""
