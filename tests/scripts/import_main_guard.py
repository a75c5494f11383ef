# A script importing itself, and names of the main module.
import sys
if __name__ == "__main__":
    print("main", __file__.endswith("import_main_guard.py"), __spec__, __package__)
    import import_main_guard
    print(import_main_guard.__name__, import_main_guard is sys.modules["__main__"])
    print(sys.argv[0].endswith("import_main_guard.py"), len(sys.argv), sys.path[0].endswith("scripts"))
else:
    print("imported as", __name__)
