"""Points turned into money: shared out within bounds, scored row by row, explained for one person."""
