# A tokenizer, a recursive-descent parser and an evaluator.
class Lexer:
    def __init__(self, text): self.text, self.at = text, 0
    def __iter__(self): return self
    def __next__(self):
        while self.at < len(self.text) and self.text[self.at].isspace(): self.at += 1
        if self.at >= len(self.text): raise StopIteration
        start = self.at
        if self.text[start].isdigit():
            while self.at < len(self.text) and (self.text[self.at].isdigit() or self.text[self.at] == "."): self.at += 1
            t = self.text[start:self.at]
            return ("num", float(t) if "." in t else int(t))
        if self.text[start].isalpha():
            while self.at < len(self.text) and self.text[self.at].isalnum(): self.at += 1
            return ("name", self.text[start:self.at])
        self.at += 1
        if self.text[start] not in "+-*/()^=,": raise SyntaxError(f"bad character {self.text[start]!r} at {start}")
        return ("op", self.text[start])
class Parser:
    LEVELS = [{"+": lambda a, b: a + b, "-": lambda a, b: a - b}, {"*": lambda a, b: a * b, "/": lambda a, b: a / b}]
    def __init__(self, env): self.env = env
    def run(self, text):
        self.tokens = [*Lexer(text), ("end", None)]
        self.at = 0
        if len(self.tokens) > 2 and self.tokens[1] == ("op", "=") and self.tokens[0][0] == "name":
            self.at = 2
            value = self.env[self.tokens[0][1]] = self.level(0)
        else:
            value = self.level(0)
        if self.peek()[0] != "end": raise SyntaxError(f"unexpected {self.peek()[1]!r}")
        return value
    def peek(self): return self.tokens[self.at]
    def take(self):
        self.at += 1
        return self.tokens[self.at - 1]
    def level(self, n):
        if n == len(self.LEVELS): return self.power()
        left = self.level(n + 1)
        while self.peek()[0] == "op" and self.peek()[1] in self.LEVELS[n]:
            op = self.LEVELS[n][self.take()[1]]
            left = op(left, self.level(n + 1))
        return left
    def power(self):
        base = self.atom()
        if self.peek() == ("op", "^"):
            self.take()
            return base ** self.power()
        return base
    def atom(self):
        match self.take():
            case "num", n: return n
            case "name", name if self.peek() == ("op", "("):
                self.take(); args = [self.level(0)]
                while self.peek() == ("op", ","): self.take(); args.append(self.level(0))
                self.take()
                return {"max": max, "min": min, "abs": abs}[name](*args)
            case "name", name: return self.env[name]
            case "op", "-": return -self.power()
            case "op", "(":
                v = self.level(0)
                if self.take() != ("op", ")"): raise SyntaxError("expected )")
                return v
            case kind, what: raise SyntaxError(f"unexpected {what!r}")
p = Parser({"pi": 3})
for line in ("1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-2 ^ 2", "x = 10 / 4", "x * pi", "max(1, 2 * 3, x)", "abs(-3)", "1 +", "(1", "y", "1 / 0", "2 $ 3", "1 2", "1.5 + 1"):
    try:
        print(line, "->", p.run(line))
    except (SyntaxError, KeyError, ZeroDivisionError) as e:
        print(line, "->", type(e).__name__, e)
