"""The test as the repo's maintainers would write it: name, place, style, assertion, proof."""
