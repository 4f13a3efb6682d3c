"""What every sample is read as, to be compared with the files beside this one. After a change that is meant:

    python -m tests.ingest.golden.renew

writes them again; look at the difference before committing it.
"""

import json
from pathlib import Path
from typing import Any

from ingest.formats import read_page
from ingest.page import Page, Read

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "samples"


def sample_names() -> list[str]:
    return sorted(path.name for path in SAMPLES.iterdir() if path.is_file() and path.suffix != ".py")


def outcome(name: str) -> list[dict[str, Any]]:
    """All that is read from a sample: releases whole, failures with their reason."""
    made: list[dict[str, Any]] = []
    for read in read_page(Page(name, name, (SAMPLES / name).read_bytes())):
        if isinstance(read, Read):
            release = read.release
            told = release.facts() | {"paragraphs": [paragraph.to_dict() for paragraph in release.paragraphs]}
            made.append({"origin": read.origin, "remark": read.remark} | told)
        else:
            made.append({"origin": read.origin, "failure": read.reason})
    return made


if __name__ == "__main__":
    for sample in sample_names():
        written = json.dumps(outcome(sample), ensure_ascii=False, indent=1) + "\n"
        (HERE / f"{sample}.json").write_text(written, encoding="utf-8")
