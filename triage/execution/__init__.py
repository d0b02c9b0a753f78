"""Running drafts in a worktree, in a sandbox."""
