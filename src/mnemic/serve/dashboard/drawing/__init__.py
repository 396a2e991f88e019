"""Drawings made on the server: places of things, which templates put into SVG."""
