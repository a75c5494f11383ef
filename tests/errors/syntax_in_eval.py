def evaluate(text):
    return eval(text)
evaluate("1 + + * 2")
