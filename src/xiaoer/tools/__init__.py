"""What the assistant may do: typed functions, who may call them, and changes that wait for a yes."""
