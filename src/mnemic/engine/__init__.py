"""The engine: checks what stages propose and applies log entry, rows and indexes in one transaction."""
