def draw(*, colour): pass
draw(color=1)
