source = "a = 1\nb = (2\n"
exec(source)
