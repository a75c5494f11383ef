left = [1]
right = (2,)
both = left     +    right
