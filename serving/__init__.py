"""The champions behind HTTP: a forecast, purchase orders and recommendations for other applications."""
