"""The steps of linking: words, spelling, other wordings, abbreviations, senses, meaning, and which of overlapping names stands."""
