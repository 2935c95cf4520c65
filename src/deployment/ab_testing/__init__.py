"""Two versions compared on live users: who is given which, what came of it, what may be said, and when."""
