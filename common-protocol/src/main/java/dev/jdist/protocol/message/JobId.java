package dev.jdist.protocol.message;

/** The scheduler's number for one job: an unsigned 64-bit value. */
public record JobId(long value) implements Comparable<JobId> {
    /** @throws IllegalArgumentException if {@code text} is not a decimal unsigned 64-bit number */
    public static JobId parse(String text) {
        if (!text.matches("[0-9]{1,20}")) {
            throw new IllegalArgumentException("not a job id");
        }
        try {
            return new JobId(Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a job id", e);
        }
    }

    @Override
    public int compareTo(JobId other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(value);
    }
}
