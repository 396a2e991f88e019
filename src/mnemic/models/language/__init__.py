"""Language models: the port of named tasks, its stand-ins, and what stands between a stage and an endpoint."""
