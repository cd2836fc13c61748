"""Weights held against costs: who would be paid too much or too little."""
