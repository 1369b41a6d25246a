"""`python -m aiclient`."""

from aiclient.cli import main

main()
