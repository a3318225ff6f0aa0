"""`python -m xiaoer.cli` is `xiaoer`."""

from xiaoer.cli.app import main

if __name__ == "__main__":
    main()
