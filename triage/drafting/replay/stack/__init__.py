"""What the event says of the code that ran: its frames, the functions around its lines, what values must have been."""
