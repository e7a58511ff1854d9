package dev.jdist.protocol.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses which known name somebody meant. */
public final class NearestName {
    private NearestName() {}

    /** The known name with the fewest edits from {@code typed}, if these are few enough for it to be a slip. */
    static Optional<String> among(Collection<String> known, String typed) {
        return known.stream()
                .min(Comparator.<String>comparingInt(name -> distance(name, typed))
                        .thenComparing(Comparator.naturalOrder()))
                .filter(name -> distance(name, typed) <= Math.max(2, typed.length() / 3)
                        && distance(name, typed) < Math.min(typed.length(), name.length()));
    }

    /** Levenshtein's: insertions, deletions and substitutions of one character. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substituted, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
