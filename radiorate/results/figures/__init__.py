"""Plots as plain numbers: scales, ticks and positions for the SVG templates of the same names."""
