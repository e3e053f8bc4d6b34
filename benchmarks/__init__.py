"""What is fast, against what, and with how much memory: ``python -m benchmarks`` (``make bench``)."""
