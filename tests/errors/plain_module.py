helpful_name = 1
print("module runs")
