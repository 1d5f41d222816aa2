"""Where customers and tickets come from, and where what can't be taken goes."""
