"""Plays every scenario of every theme, in one process.

The trace goes to stdout: `== name`, then the scenario's events. The themes register their scenarios
when they are imported.
"""

import asyncgens  # noqa: F401
import cancelling  # noqa: F401
import chains  # noqa: F401
import futures  # noqa: F401
import gather_cancelling  # noqa: F401
import gathering  # noqa: F401
import handles  # noqa: F401
import loops  # noqa: F401
import nesting  # noqa: F401
import pipes  # noqa: F401
import runners  # noqa: F401
import running  # noqa: F401
import self_cancelling  # noqa: F401
import stepping  # noqa: F401
import swallowing  # noqa: F401
import tasks  # noqa: F401
import timers  # noqa: F401
import waiting  # noqa: F401
from stage import play_all

play_all()
