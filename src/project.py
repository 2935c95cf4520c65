"""Where the project lies: relative paths of configs are relative to it, wherever a command is typed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONF = ROOT / "conf"
