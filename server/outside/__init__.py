"""What does not belong to this installation and vouches for it: an authority of time, and witnesses of heads."""
