"""The account under which local servers run, and what ties a process to the life of its parent."""

import ctypes
import os
import pwd
import sys
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


class LocalError(Exception):
    """Why the servers cannot run here, in one sentence for the person at the terminal."""


def die_with_parent(signum: int) -> None:
    """Let the kernel send `signum` to this process when its parent dies, however it dies; Linux alone can do this."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)


class Account:
    """The user a server runs as: oneself, or for root an account that exists already, as PostgreSQL refuses root."""

    def __init__(self, data: Path, program: Path) -> None:
        self.uid = os.geteuid()
        if self.uid == 0:
            owner = data.stat().st_uid if data.exists() else 0
            self.uid = owner or _existing_account().pw_uid
        self.steps_down = self.uid != os.geteuid()
        # A project below /root or another closed folder is out of reach for the account: it then keeps root's right
        # to pass and read folders, and no other, as the web server beside it has it too. No folder is opened to others.
        self.is_walled_in = self.steps_down and not (_open_to_all(data) and _open_to_all(program))

    def give(self, folder: Path) -> None:
        """Make a private folder that belongs to the account."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.steps_down:
            os.chown(folder, self.uid, -1)

    def enter(self, parting_signal: int) -> None:
        """Become the account, in the child between fork and exec."""
        if self.steps_down:
            libc = ctypes.CDLL(None)
            if self.is_walled_in and sys.platform == "linux":
                libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
            os.setgroups([])
            os.setgid(pwd.getpwuid(self.uid).pw_gid)
            os.setuid(self.uid)
            if self.is_walled_in and sys.platform == "linux":
                for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):  # containers often have the second alone
                    bit = 1 << capability
                    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
                    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
                    if libc.capset(header, effective_permitted_inheritable) == 0:
                        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0)
                        break
        # Last, as a change of user clears it.
        die_with_parent(parting_signal)


def _existing_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalError("PostgreSQL does not run as root, and there is no account nobody: run as an ordinary user.")


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.absolute().parents if parent.exists())
