def f():
	x =	1
	return x	+	undefined_name
f()
