"""Published studies, one folder each, on one framework; a demonstration beside them."""

# Names on the command line, and what the list of studies says. The folder of a study
# is imported when it is chosen: it stands on most of the package.
STUDIES = {
    "alignment-importance": "feature maps that carry human similarities further up",
    "model-recovery": "is the right layer still found, after pruning or reweighting?",
    "number-detectors": "units retained by pruning, and number detectors, in CORnets",
    "number-sense": "units tuned to number in networks never taught number",
    "rarely-firing": "units with many zeros: do they matter?",
    "small-cnn": "number detectors in a network of 108 units",
    "words": "units of word vectors that carry human judgements of word pairs",
}
