"""Help for staff: summary, suggested reply, tone, translation, similar cases; plainer without a model."""
