"""The use cases: the only door from the command line and the screens to everything else."""
