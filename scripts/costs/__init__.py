"""
What a unit costs the machine that wants it compiled: the parts of scripts/bench/client-cost.

    units       what is compiled, and how it is edited
    ways        how it is compiled: each way with its machines, its daemons and the command that is measured
    measuring   runs commands on counted machines
    results     numbers, and the tables made of them
    chart       a picture of them
"""
