"""Commands for authors of the everyday layer: they compare it with public vocabularies and datasets; nothing at run time needs them."""
