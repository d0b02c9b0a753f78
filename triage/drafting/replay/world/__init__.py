"""What a call needs around it: clock, environment, files, databases, peers, what frameworks keep."""
