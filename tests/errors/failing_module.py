def raises():
    raise ValueError("at import")
raises()
