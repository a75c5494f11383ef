# A user's exception from a module has its qualified name.
class Outer:
    class Inner(Exception): pass
raise Outer.Inner("message", 2)
