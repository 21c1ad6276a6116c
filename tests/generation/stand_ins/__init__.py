"""Image services over real HTTP, one file each: they check an order as the real one does and answer in its shapes."""
