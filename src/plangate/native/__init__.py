"""What one system alone says, in its own words: typed, never stretched into the unified records. One module a system."""
