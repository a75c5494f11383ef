s = "a"
t = 5 * -s
