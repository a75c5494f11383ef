# An uncaught exception exits with 1, and its last line says what it was.
print("before")
{}["missing"]
