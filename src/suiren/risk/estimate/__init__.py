"""Costs summed, points estimated from the sums, promises bound and priced, the table published."""
