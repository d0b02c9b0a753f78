"""What our capture hook recorded, written down as expressions and laid on the frames."""
