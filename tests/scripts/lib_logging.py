# logging to a string.
import logging, io
out = io.StringIO(); h = logging.StreamHandler(out); h.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
log = logging.getLogger("a.b"); log.addHandler(h); log.setLevel(logging.INFO); log.propagate = False
log.debug("hidden"); log.info("shown %d %s", 1, "x"); log.warning("w"); logging.getLogger("a.b.c").error("child")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
print(out.getvalue().splitlines()[:4], "ZeroDivisionError" in out.getvalue(), log.isEnabledFor(10), logging.getLevelName(30), log.parent.name)
