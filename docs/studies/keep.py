"""Keep the tables of a study's report for its page.

Usage: ``python docs/studies/keep.py FOLDER "COMMAND" [CAPTION ...]``: the folder that
the study wrote, the command as a reader would type it, and the beginnings of the
captions of the tables that are kept, by default those with published numbers.
"""

import json
import sys
from html.parser import HTMLParser
from pathlib import Path

HERE = Path(__file__).parent


class _Report(HTMLParser):
    """The lead of a report, and its tables."""

    def __init__(self) -> None:
        super().__init__()
        self.lead, self.tables, self.into = "", [], None

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Begin what text is collected for."""
        kind = dict(attrs).get("class")
        if tag == "table":
            self.tables.append({"caption": "", "note": "", "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("th", "td"):
            self.tables[-1]["rows"][-1].append("")
            self.into = "cell"
        elif tag == "caption" or kind in ("lead", "note"):
            self.into = kind or tag

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag in ("th", "td", "caption", "p"):
            self.into = None

    def handle_data(self, text: str) -> None:
        """Collect."""
        if self.into == "lead":
            self.lead += text
        elif self.into == "cell":
            self.tables[-1]["rows"][-1][-1] += text
        elif self.into is not None:
            self.tables[-1][self.into] += text


def main(folder: str, command: str, *captions: str) -> None:
    """Write ``NAME.json`` beside this file."""
    report = _Report()
    report.feed(Path(folder, "report.html").read_text("utf-8"))
    summary = json.loads(Path(folder, "summary.json").read_text("utf-8"))
    wanted = [
        table
        for table in report.tables
        if (
            table["caption"].startswith(captions)
            if captions
            else "published" in table["rows"][0]
        )
    ]
    kept = {
        "command": command,
        "seconds": round(summary["seconds"]),
        "versions": summary["versions"],
        "lead": report.lead,
        "tables": wanted,
    }
    text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
    (HERE / f"{summary['study']}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
