# argparse.
import argparse
p = argparse.ArgumentParser(prog="tool", description="A tool.", add_help=True)
p.add_argument("files", nargs="*"); p.add_argument("-n", "--num", type=int, default=5); p.add_argument("-v", action="store_true"); p.add_argument("--mode", choices=["a", "b"])
print(p.parse_args(["x", "y", "-n", "3", "-v"]), p.parse_args([]), p.parse_args(["--mode=b"]).mode, p.parse_known_args(["--zzz"])[1])
import io, contextlib
err = io.StringIO()
with contextlib.redirect_stderr(err):
    try:
        p.parse_args(["-n", "notint"])
    except SystemExit as e:
        print("exit", e.code)
print("invalid int value" in err.getvalue(), p.format_usage())
