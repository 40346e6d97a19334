"""What a bureau's own network needs: the offline bundle, its installation, proxy and units."""
