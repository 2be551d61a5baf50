"""Fill the tables in these documents: what each command between the marks prints, put below it.

    python docs/fill.py [FILE.md ...] [--data ../shared/data] [--only WORDS]

A mark is a line ``<!-- $ framing ... -->`` before a table and ``<!-- $ -->`` after it. Commands that name public data
are left as they are where that folder is missing. A command that fails leaves its table as it is and ends the run.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path

MARK = re.compile(r"(<!-- \$ (framing [^\n]+) -->\n)(.*?)(<!-- \$ -->)", re.DOTALL)
ROOT = Path(__file__).parent


def main() -> None:
    """Fill every document, or those named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=sorted(ROOT.glob("*.md")))
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the public sets")
    parser.add_argument("--only", default="", help="only commands with these words")
    args = parser.parse_args()

    def filled(match: re.Match[str]) -> str:
        command = match[2].replace("DATA", str(args.data))
        if args.only not in command or ("DATA" in match[2] and not args.data.is_dir()):
            return match[0]
        print(f"$ {command}", file=sys.stderr)
        words = [sys.executable, "-m", "framing.cli", *shlex.split(command)[1:]]
        done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
        return f"{match[1]}\n{done.stdout.strip()}\n\n{match[4]}"

    for file in args.files:
        text = file.read_text(encoding="utf-8")
        made = MARK.sub(filled, text)
        if made != text:
            file.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
