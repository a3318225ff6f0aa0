"""A shop as an MCP server: run as a program it speaks over its standard input and output."""

import sys

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("shop")
ORDERS = {
    no: {"no": no, "uid": uid, "status": "paid", "pay": 398.5, "at": "2026-11-03T12:00:00+08:00", "items": []}
    for no, uid in (("D1", "u1"), ("D2", "u2"))
}


@server.tool()
def get_order(no: str) -> dict:
    """One order."""
    if no not in ORDERS:
        raise ToolError("order not found")
    return ORDERS[no]


@server.tool()
def cancel(no: str, key: str) -> dict:
    """Cancel an order."""
    ORDERS[no]["status"] = "cancelled"
    return {"done": key}


if __name__ == "__main__":
    if "--broken" in sys.argv:
        sys.exit(1)
    server.settings.log_level = "CRITICAL"
    server.run("stdio")
