"""Those who follow failoverd, each with real requests while regions fail."""
