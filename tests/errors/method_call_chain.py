class Q:
    def where(self, x): return self
    def order(self): return None
Q().where(1).order().first()
