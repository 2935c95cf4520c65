"""What users would pick instead, on the same data, split and metrics; written into docs/peers.md.

python -m pip install -c constraints.txt -e '.[peers]'
python benchmarks/peers                                     all of it: what is finished is not run again
python benchmarks/peers --peers EASE 'phase1 (quality)'     these alone, into the terminal
python benchmarks/peers --trials 3 --output look.md         a quicker look, into a file of its own
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In place of this folder, which Python puts first and whose modules are those of the package `peers`.
sys.path[:1] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

from peers.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
