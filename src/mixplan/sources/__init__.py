"""Raw tables from somewhere: a folder of exports, or a simulated plant that writes some."""
