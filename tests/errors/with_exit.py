class M:
    def __enter__(self): return self
    def __exit__(self, *a): raise OSError("in exit")
with M():
    raise ValueError("in body")
