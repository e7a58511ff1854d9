package dev.jdist.client.execution;

/** What a result of another machine turned out to be worth. */
public enum Verdict {
    /** The command succeeded, and its outputs are what they should be. */
    GOOD,
    /** The command succeeded, and what it printed is what is used of it. */
    GOOD_MESSAGES,
    /** The command failed, and the same command succeeded on this machine. */
    FAILS_ELSEWHERE_ONLY,
    /** The command succeeded, and its outputs cannot be what it makes. */
    WRONG_OUTPUT,
    /** It does not tell anything about the machine. */
    OPEN
}
