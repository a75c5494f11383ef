print(1 < 2 < "three")
