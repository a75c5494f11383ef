def outer():
    def inner():
        return [i for i in range(3) if i / 0]
    return inner
outer()()
