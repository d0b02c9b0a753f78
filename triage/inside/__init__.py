"""What runs inside the target's interpreter: stdlib only, Python 3.8+."""
