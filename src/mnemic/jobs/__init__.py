"""Background work: jobs, the queues they wait in, and the worker."""
