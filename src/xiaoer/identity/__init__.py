"""Who is asking: signed by the shop's site, or shown in the chat; never said by a model."""
