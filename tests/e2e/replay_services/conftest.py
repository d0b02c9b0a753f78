"""The services' own tests belong to their repos, not to our suite."""

collect_ignore_glob = ["*/repo/*"]
