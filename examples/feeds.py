"""A reader of many feeds: threads refresh them into one shared dict while another thread counts the unread.

    keelback examples/feeds.py [-t THREADS] [ROUNDS]

Each thread has its own feeds, parses their RSS and appends what is new to the lists in the shared dict. The counting
thread walks over all lists again and again. There is not one lock in this program.
"""

import os
import sys
import threading
import time

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "feeds")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&"))


class Entry:
    def __init__(self, guid, title, text):
        self.guid = guid
        self.title = title
        self.text = text
        self.read = False


def element(text, name, start=0):
    """The content of the first element called `name`, and where it ends."""
    at = text.find(f"<{name}>", start)
    if at < 0:
        return None, start
    end = text.index(f"</{name}>", at)
    content = text[at + len(name) + 2 : end]
    for entity, character in ENTITIES:
        content = content.replace(entity, character)
    return content.strip(), end


def parse(text):
    """The feed's link and its entries."""
    link, at = element(text, "link")
    entries = []
    while (at := text.find("<item>", at)) >= 0:
        title, at = element(text, "title", at)
        guid, at = element(text, "guid", at)
        description, at = element(text, "description", at)
        entries.append(Entry(guid, title, description))
    return link, entries


def refresh(paths, feeds, rounds):
    """Parses each file again and again, a bit more of it each round, as if the feeds grew."""
    for turn in range(1, rounds + 1):
        for path in paths:
            with open(path, encoding="utf-8") as file:
                link, entries = parse(file.read())
            known = feeds[link]
            seen = {entry.guid for entry in known}
            for entry in entries[: len(entries) * turn // rounds]:
                if entry.guid not in seen:
                    known.append(entry)


def count_unread(feeds, finished, counts):
    """Counts every few milliseconds until the others have finished; the number only ever grows."""
    while True:
        last = finished.wait(0.002)
        unread = 0
        for entries in feeds.values():
            for entry in entries:
                if not entry.read:
                    unread += 1
        counts.append(unread)
        if last:
            return


def main(arguments):
    threads = int(os.environ.get("KEELBACK_THREADS", os.cpu_count() or 1))
    if arguments[:1] == ["-t"]:
        threads, arguments = int(arguments[1]), arguments[2:]
    rounds = int(arguments[0]) if arguments else 10
    paths = sorted(os.path.join(FOLDER, name) for name in os.listdir(FOLDER) if name.endswith(".rss"))
    feeds = {f"https://feeds.example/{number}": [] for number in range(len(paths))}
    finished, counts = threading.Event(), []

    start = time.perf_counter()
    counter = threading.Thread(target=count_unread, args=(feeds, finished, counts))
    readers = [threading.Thread(target=refresh, args=(paths[i::threads], feeds, rounds)) for i in range(threads)]
    counter.start()
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    seconds = time.perf_counter() - start
    finished.set()
    counter.join()

    assert counts == sorted(counts), "the number of unread entries went down"
    for entries in feeds.values():
        assert len({entry.guid for entry in entries}) == len(entries), "an entry came twice"
    print(f"{counts[-1]} unread entries in {len(feeds)} feeds")
    for entry in feeds["https://feeds.example/0"][:3]:
        print(f"  {entry.title}")
    print(f"{seconds:.2f} s with {threads} threads, counted {len(counts)} times", file=sys.stderr)


main(sys.argv[1:])
