"""Counts words, and tells Penstock of each file as a step. Reads --folder, --suffix, --top and --skipShort."""
import argparse
import collections
import json
import os
import pathlib
import re
import sys
import time


def tell(**message):
    # One JSON object a line; flushed, so that it is seen while we work.
    print(json.dumps(message), flush=True)


parser = argparse.ArgumentParser()
parser.add_argument("--folder", default=".")
parser.add_argument("--suffix", default=".py")
parser.add_argument("--top", type=int, default=5)
parser.add_argument("--skipShort", action="store_true")
options = parser.parse_args()

folder = pathlib.Path(options.folder)
if not folder.is_dir():
    sys.exit(f"There is no folder {folder}")
files = sorted(path for path in folder.iterdir() if path.suffix == options.suffix)
tell(penstock="items", total=len(files))
print(f"Attempt {os.environ['PENSTOCK_ATTEMPT']} of run {os.environ['PENSTOCK_RUN_ID']}: {len(files)} files")

words = collections.Counter()
for path in files:
    began = time.monotonic()
    try:
        found = re.findall(r"[^\W\d_]+", path.read_text(encoding="utf-8").lower())
    except (OSError, UnicodeDecodeError) as error:
        tell(penstock="failed", item=path.name, error=str(error), errorClass=type(error).__name__)
        continue
    counted = [word for word in found if len(word) > 2 or not options.skipShort]
    words.update(counted)
    tell(
        penstock="step",
        name="count_file",
        input={"file": path.name},
        output={"words": len(counted), "different": len(set(counted))},
        durationMs=(time.monotonic() - began) * 1000,
    )
    tell(penstock="items", done=1)

commonest = words.most_common(options.top)
if commonest:
    tell(penstock="annotation", key="commonest word", value=commonest[0][0])
tell(penstock="result", output={"words": sum(words.values()), "commonest": dict(commonest)})
