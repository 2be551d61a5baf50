"""Compare how accounts of one event in four languages portray its actors."""
