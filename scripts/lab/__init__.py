"""
The laboratory: machines, a switch between them, farms and projects, for all that tests or measures jdist in whole.

A script puts the directory `scripts` into sys.path and imports what it wants from `lab`. Everything is a context manager
and is gone when its `with` block is left, also by an exception or a signal (lab.interruption). What has to be gone even if
the script is killed runs in namespaces of its own (lab.isolation). `scripts/check lab` tests the laboratory itself.
"""
