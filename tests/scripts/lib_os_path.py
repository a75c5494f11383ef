# os and os.path.
import os, os.path as p, tempfile
print(p.join("a", "b", "/c", "d"), p.split("/a/b.c"), p.splitext("x.tar.gz"), p.basename("/a/b/"), p.dirname("/a/b"), p.normpath("a/./b/../c//d"), p.isabs("/x"), p.commonprefix(["/ab/c", "/ab/d"]), p.commonpath(["/a/b", "/a/c"]), p.relpath("/a/b", "/a/c"), p.expanduser("x"), p.splitext(".rc"), p.join("a", ""))
d = tempfile.mkdtemp(); os.chdir(d)
print(os.getcwd() == os.path.realpath(d), os.listdir("."), p.exists("nope"), os.sep, os.linesep == "\n", os.name, os.curdir)
os.makedirs("a/b"); open("a/f.txt", "w").close(); os.mkdir("z"); os.rename("z", "y")
print(sorted(os.listdir(".")), sorted(os.listdir("a")), p.isdir("a"), p.isfile("a/f.txt"), os.stat("a/f.txt").st_size, [(r, sorted(ds), sorted(fs)) for r, ds, fs in os.walk("a")])
print(sorted((e.name, e.is_dir()) for e in os.scandir("a")), p.getsize("a/f.txt"), p.samefile("a", "./a"))
for bad in (lambda: os.mkdir("a"), lambda: os.rmdir("a"), lambda: os.remove("nope"), lambda: os.listdir("nope"), lambda: os.chdir("nope"), lambda: os.stat("nope"), lambda: os.environ["NOT_SET_XYZ"]):
    try:
        bad()
    except (OSError, KeyError) as e:
        print(type(e).__name__, e)
os.environ["TEST_VAR"] = "v"; print(os.environ["TEST_VAR"], os.getenv("TEST_VAR"), os.environ.get("NOT_SET_XYZ", "d"), "TEST_VAR" in os.environ); del os.environ["TEST_VAR"]; print(os.getenv("TEST_VAR"))
import shutil, glob, pathlib
open("one.py", "w").close(); print(glob.glob("*.py"), pathlib.Path("a") / "b", pathlib.PurePosixPath("/x/y.z").suffix, pathlib.Path("a/f.txt").read_text() == "", pathlib.Path("one.py").exists())
os.chdir("/"); shutil.rmtree(d); print(p.exists(d), os.fspath("x"), isinstance(os.getpid(), int))
