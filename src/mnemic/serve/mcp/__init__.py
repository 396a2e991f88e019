"""The Model Context Protocol: memory as tools and resources."""
