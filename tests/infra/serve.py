"""moto as it is, for the contract suite of the store, which knows its differences:
prints its address as JSON, and ends when its standard input does."""

import json
import sys

from stand_in import StandIn


def main():
    """Serves until nobody is there any more."""
    server = StandIn()
    print(json.dumps({"endpoint": server.endpoint}), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
