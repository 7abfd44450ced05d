"""Commands for those who write the everyday layer: they compare it with public vocabularies and datasets, and are not needed at run time."""
