def load():
    return {}["key"]
try:
    load()
except KeyError:
    raise ValueError("while handling")
