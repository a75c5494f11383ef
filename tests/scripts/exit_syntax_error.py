# Nothing runs when the file does not parse.
print("never")
def f(:
    pass
