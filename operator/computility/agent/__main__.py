"""`python -m computility.agent`."""

from computility.agent.main import main

if __name__ == "__main__":
    main()
