"""Bad input through the whole way of a series: right, or refused by name, or shown with a warning."""
