"""Images and the conditions they stand for, as a network takes them."""
