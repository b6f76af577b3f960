#!/usr/bin/env python3
"""Fails where a link of the built book leads nowhere in it: docs/links.py target/book. The web is not asked."""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.names |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        self.links += [attributes[key] for key in ("href", "src") if attributes.get(key)]


def main(book: Path) -> None:
    pages = {path: Page(path.read_text()) for path in sorted(book.rglob("*.html"))}
    wrong = []
    for path, page in pages.items():
        # Its addresses begin at the site's root, and it is no page to read.
        if path.name == "404.html":
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            fragment = unquote(parts.fragment)
            if not target.exists() or (fragment and target in pages and fragment not in pages[target].names):
                wrong.append(f"{path.relative_to(book)}: {link}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links: each leads somewhere")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
