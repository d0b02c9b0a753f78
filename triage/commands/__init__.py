"""What each command does after its arguments are parsed: call a service, print."""
