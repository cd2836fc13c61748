"""Who pays whom: people and law in, an exact ledger out."""
