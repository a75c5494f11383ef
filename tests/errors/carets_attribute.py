class Thing:
    pass
thing = Thing()
thing.first = Thing()
thing.first.second.third = 5
