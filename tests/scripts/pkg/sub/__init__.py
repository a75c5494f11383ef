__all__ = ["exported", "also"]
exported, also, hidden, _private = "exported", "also", "hidden", "private"
