"""Risk adjustment: points by age, sex and health, and money shared out by them."""
