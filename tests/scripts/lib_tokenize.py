# expected: by hand
# Tokens of source text.
import io, token, tokenize

source = '''def f(a, *b):  # comment
    """doc"""
    if a >= 1.5:

        return a**2, "s" \\
            + 'ä'
x = [1,
     2]
'''
for t in tokenize.generate_tokens(io.StringIO(source).readline):
    print(token.tok_name[t.type], repr(t.string), t.start, t.end, token.tok_name[t.exact_type])
tokens = list(tokenize.tokenize(io.BytesIO(source.encode()).readline))
print(tokens[0].string, len(tokens), repr(tokens[3].line))
print(tokenize.untokenize(tokens).decode() == source)
