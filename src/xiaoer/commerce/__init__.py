"""The merchant's own system of products, orders, shipments and promotions, as the desk sees it."""
