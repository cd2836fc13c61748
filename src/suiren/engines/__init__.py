"""Engines: the only place where SQL differs. DuckDB runs inside; files become columns of text with a row number."""
