"""What-if: a job trace replayed in virtual time through the code that places real jobs. Pure."""
