# An interpreter for a tiny stack language, with exceptions as control flow.
class Return(Exception): pass
class VM:
    def __init__(self): self.stack, self.words, self.out = [], {}, []
    def run(self, source):
        tokens = source.split(); i = 0
        while i < len(tokens):
            t = tokens[i]
            if t == ":":
                end = tokens.index(";", i)
                self.words[tokens[i + 1]] = " ".join(tokens[i + 2:end]); i = end
            elif t == "times":
                n, body = self.stack.pop(), tokens[i + 1]
                for _ in range(n): self.run(body)
                i += 1
            elif t == "if":
                if not self.stack.pop(): i += 1
            elif t == "return": raise Return
            elif t in self.words:
                try: self.run(self.words[t])
                except Return: pass
            elif hasattr(self, "op_" + t): getattr(self, "op_" + t)()
            else: self.stack.append(int(t))
            i += 1
        return self
    def op_add(self): b = self.stack.pop(); self.stack[-1] += b
    def op_mul(self): b = self.stack.pop(); self.stack[-1] *= b
    def op_sub(self): b = self.stack.pop(); self.stack[-1] -= b
    def op_dup(self): self.stack.append(self.stack[-1])
    def op_swap(self): self.stack[-2:] = self.stack[:-3:-1]
    def op_print(self): self.out.append(self.stack.pop())
vm = VM().run(": square dup mul ; 7 square print : fact dup 1 sub dup if return swap ; 3 4 add print : twice 2 mul ; 1 10 times twice print")
print(vm.out, vm.stack, sorted(vm.words))
for bad in ("add", "x", ": open"):
    try:
        VM().run(bad)
    except (IndexError, ValueError) as e:
        print(type(e).__name__)
