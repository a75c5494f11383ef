data = {"key": {"nested": [1, 2, 3]}}
print(data["key"]["nested"][7])
