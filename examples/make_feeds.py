"""Writes the RSS files that `feeds.py` reads, into the folder `feeds` beside this script: the same every time."""

import os
import random

FEEDS, ENTRIES = 24, 40
SUBJECTS = "compiler garden harbour kernel lantern meadow orchard parser river scheduler snake theatre".split()
VERBS = "crosses explains finds forgets leaves meets outgrows paints rebuilds visits".split()


def main():
    draw = random.Random(2014)
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "feeds")
    os.makedirs(folder, exist_ok=True)
    for number in range(FEEDS):
        topic = SUBJECTS[number % len(SUBJECTS)]
        lines = [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<rss version="2.0"><channel>',
            f"<title>The {topic} letter, no. {number}</title>",
            f"<link>https://feeds.example/{number}</link>",
        ]
        for entry in range(ENTRIES):
            title = f"{draw.choice(SUBJECTS)} {draw.choice(VERBS)} {draw.choice(SUBJECTS)} &amp; {draw.choice(SUBJECTS)}"
            text = " ".join(draw.choice(SUBJECTS + VERBS) for _ in range(draw.randrange(10, 25)))
            lines += [
                "<item>",
                f"  <title>{title.capitalize()}</title>",
                f"  <guid>tag:feeds.example,{number}/{entry}</guid>",
                f"  <description>{text}.</description>",
                "</item>",
            ]
        lines += ["</channel></rss>", ""]
        with open(os.path.join(folder, f"feed{number:02}.rss"), "w", encoding="utf-8") as out:
            out.write("\n".join(lines))


main()
