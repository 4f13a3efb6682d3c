"""Gold cases become figures and a report."""
