"""How the repo's own tests, fixtures, documents and examples call and build things."""
