"""Serving: HTTP, MCP, the dashboard and what they are watched by."""
