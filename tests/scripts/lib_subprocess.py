# Starting programs.
import os, subprocess, sys

p = subprocess.run(["echo", "hello"], capture_output=True, text=True)
print(p.returncode, repr(p.stdout), repr(p.stderr))
print(subprocess.run("exit 3", shell=True).returncode)
print(subprocess.check_output(["cat"], input=b"some bytes"))
print(subprocess.run(["sh", "-c", "echo $KEY; pwd"], env={"KEY": "value", "PATH": os.environ["PATH"]}, cwd="/", capture_output=True, text=True).stdout)
try:
    subprocess.run(["/no/such/program"])
except FileNotFoundError as e:
    print(e)
try:
    subprocess.run(["false"], check=True)
except subprocess.CalledProcessError as e:
    print(e)
with subprocess.Popen(["sh", "-c", "read x; echo got $x; echo err >&2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as p:
    out, _ = p.communicate("line\n")
    print(repr(out), p.returncode)
try:
    subprocess.run(["sleep", "20"], timeout=0.05)
except subprocess.TimeoutExpired as e:
    print(type(e).__name__)
p = subprocess.Popen(["sleep", "20"])
p.terminate()
print(p.wait())
print(subprocess.getstatusoutput("echo x; exit 1"))
