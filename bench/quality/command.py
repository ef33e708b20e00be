"""Runs the command line of the checkout and reads what it prints."""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def millrace(*arguments):
    run = subprocess.run(
        ["node", ROOT / "dist" / "cli" / "main.js", *arguments, "--json"], capture_output=True, text=True
    )
    if run.returncode != 0:
        sys.exit(f"millrace {arguments}: {run.stderr}")
    return json.loads(run.stdout)
