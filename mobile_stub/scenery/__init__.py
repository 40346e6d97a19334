"""What stands before the camera: drawn, not photographed, so that a demo shows nobody."""
