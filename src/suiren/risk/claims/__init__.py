"""An invented population with claims, for trying and testing."""
