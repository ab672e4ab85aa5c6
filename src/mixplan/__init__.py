"""From a mixing plant's exports to demand forecasts, purchase orders, customer segments and recommendations."""
