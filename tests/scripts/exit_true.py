# A boolean is a number.
raise SystemExit(True)
