"""Runs a script in namespaces of its own, so that nothing of it is left however it ends, by SIGKILL too."""

import contextlib
import os
import pwd
import signal
import subprocess
from pathlib import Path

from lab.interruption import Interrupted

END_SECONDS = 60
# A parent that ended before the kernel was asked to tell of its end is not told of. The shell must not add its PWD.
WITH_PARENT = '[ "$PPID" = "$0" ] || exit 1; unset PWD; exec "$@"'


def ends_with_this(command, signal_name):
    """
    The command as one that gets the signal ("TERM") when this process or the thread that starts it ends, and that does not
    begin if this process has ended already.
    """
    return ["setpriv", "--pdeathsig", signal_name, "sh", "-c", WITH_PARENT, str(os.getpid()), *command]


def run_isolated(command):
    """
    The exit code of a command that has a mount, network and process namespace of its own: with its first process, all is
    gone. It is ended when this process is.
    """
    # Each ends when the one that started it does: nothing is left, even if this program is killed.
    inside = subprocess.Popen(
        ends_with_this(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", *command], "KILL"
        ),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return inside.wait()
    except Interrupted:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(inside.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            inside.wait(END_SECONDS)
        raise
    finally:
        if inside.poll() is None:
            inside.kill()
            inside.wait()


def settle_in():
    """To be called first in there: Java notes its processes by number, and numbers are others outside."""
    notes = Path(f"/tmp/hsperfdata_{pwd.getpwuid(os.geteuid()).pw_name}")
    notes.mkdir(mode=0o755, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", notes], check=True)
