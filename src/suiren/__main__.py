"""`python -m suiren`: the command line."""

from suiren.cli import main

main()
