"""One module per revision; `triage.store.revisions` names them in order."""
