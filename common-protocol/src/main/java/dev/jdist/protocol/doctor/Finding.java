package dev.jdist.protocol.doctor;

/**
 * One thing that was looked at.
 *
 * @param check what was looked at, in a word
 * @param what was found, in one line
 * @param remedy what to do about it, mostly a command; empty if there is nothing to do
 */
public record Finding(Grade grade, String check, String what, String remedy) {
    /** How bad it is. */
    public enum Grade {
        /** As it should be. */
        OK("ok"),
        /** It works, but worse than it could. */
        WARNING("warning"),
        /** It does not work. */
        FAULT("fault");

        private final String label;

        Grade(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    public Finding {
        what = oneLine(what);
        remedy = oneLine(remedy);
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    }
}
