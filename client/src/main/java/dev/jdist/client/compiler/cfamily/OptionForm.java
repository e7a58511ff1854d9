package dev.jdist.client.compiler.cfamily;

/** How an option takes its value. */
enum OptionForm {
    /** It takes none. */
    FLAG,
    /** {@code -opt VALUE} */
    SEPARATE,
    /** {@code -optVALUE} */
    JOINED,
    /** {@code -opt=VALUE}, or {@code -opt} alone for an empty value */
    JOINED_BY_EQUALS,
    /** {@code -opt,VALUE} */
    JOINED_BY_COMMA,
    /** {@code -opt-VALUE} */
    JOINED_BY_HYPHEN,
    /** {@code -optVALUE} or {@code -opt VALUE} */
    JOINED_OR_SEPARATE,
    /** {@code -opt=VALUE} or {@code -opt VALUE} */
    EQUALS_OR_SEPARATE;

    /** The character that joins, or 0 for none. */
    private char delimiter() {
        return switch (this) {
            case JOINED_BY_EQUALS, EQUALS_OR_SEPARATE -> '=';
            case JOINED_BY_COMMA -> ',';
            case JOINED_BY_HYPHEN -> '-';
            default -> 0;
        };
    }

    boolean mayBeSeparate() {
        return this == SEPARATE || this == JOINED_OR_SEPARATE || this == EQUALS_OR_SEPARATE;
    }

    /** Whether {@code word} is the option {@code name}, perhaps with its value joined on. */
    boolean matches(String name, String word) {
        if (!word.startsWith(name)) {
            return false;
        }
        if (word.length() == name.length()) {
            return true;
        }
        return switch (this) {
            case FLAG, SEPARATE -> false;
            case JOINED, JOINED_OR_SEPARATE -> true;
            default -> word.charAt(name.length()) == delimiter();
        };
    }

    /** The value joined on to {@code word}, which matches. */
    String joinedValue(String name, String word) {
        boolean delimited = delimiter() != 0 && word.length() > name.length();
        return word.substring(name.length() + (delimited ? 1 : 0));
    }
}
