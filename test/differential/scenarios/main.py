"""Plays every scenario of every theme, in one process.

The trace goes to stdout: `== name`, then the scenario's events. The themes are the other modules of this folder;
they register their scenarios when they are imported.
"""

from importlib import import_module
from pathlib import Path

from stage import play_all

for theme in sorted(Path(__file__).parent.glob('*.py')):
    if theme.stem != 'main':
        import_module(theme.stem)

play_all()
