"""From images to the responses of layers, batch by batch."""
