"""Data, losses and stages that train the weights codub ships."""
