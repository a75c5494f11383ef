a, b, c = 1, "two", 3
x = a + 2 * (a + c + b) - 7
