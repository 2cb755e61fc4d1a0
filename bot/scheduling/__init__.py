"""APScheduler as nothing but a clock that wakes use cases. Due work is rows, never jobs."""
