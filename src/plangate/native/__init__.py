"""What one system alone says, in its own words: typed, not stretched into the unified records. One module a system."""
