"""The service's own tests are not ours."""

collect_ignore = ["repo"]
