"""Background work: queues, workers, ticks."""
