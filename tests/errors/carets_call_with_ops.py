print(int("4") + int("x"))
