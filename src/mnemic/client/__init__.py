"""The client of the HTTP interface, with the names of the façade."""
