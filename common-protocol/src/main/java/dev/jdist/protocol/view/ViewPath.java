package dev.jdist.protocol.view;

import dev.jdist.protocol.wire.WireLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What names and paths may be. All are Unicode: what a file system has under other names is left out of views, and a
 * directory with such names has no complete listing.
 */
final class ViewPath {
    private ViewPath() {}

    /** @throws IllegalArgumentException if no file can have this name */
    static void checkName(String name) {
        checkText("name", name, WireLimits.NAME);
        if (name.indexOf('/') >= 0) {
            throw new IllegalArgumentException("a name has a \"/\" in it");
        }
        checkNoDots(name, 0, name.length());
    }

    /** @throws IllegalArgumentException if it is not absolute, or if it can be written in another way */
    static void checkPath(String path) {
        checkText("path", path, WireLimits.PATH);
        if (path.charAt(0) != '/') {
            throw new IllegalArgumentException("a path is not absolute");
        }
        if (path.length() == 1) {
            return;
        }
        for (int from = 1; from <= path.length(); ) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            if (to == from) {
                throw new IllegalArgumentException("a path has a \"/\" too many");
            }
            checkNoDots(path, from, to);
            from = to + 1;
        }
    }

    /** @throws IllegalArgumentException if no symbolic link can hold it */
    static void checkTarget(String target) {
        checkText("target of a link", target, WireLimits.PATH);
    }

    private static void checkNoDots(String text, int from, int to) {
        int length = to - from;
        if (text.charAt(from) == '.' && (length == 1 || (length == 2 && text.charAt(from + 1) == '.'))) {
            throw new IllegalArgumentException("a name is \".\" or \"..\"");
        }
    }

    private static void checkText(String what, String text, int mostBytes) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a " + what + " is empty");
        }
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a " + what + " has a NUL in it");
        }
        int bytes = utf8Length(what, text);
        if (bytes > mostBytes) {
            throw new IllegalArgumentException(
                    "a " + what + " of " + bytes + " bytes is over the limit of " + mostBytes);
        }
    }

    private static int utf8Length(String what, String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char next = text.charAt(i);
            if (next < 0x80) {
                length++;
            } else if (next < 0x800) {
                length += 2;
            } else if (!Character.isSurrogate(next)) {
                length += 3;
            } else if (Character.isHighSurrogate(next)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                throw new IllegalArgumentException("a " + what + " is not Unicode");
            }
        }
        return length;
    }

    /**
     * Paths, checked and sorted.
     *
     * @throws IllegalArgumentException if one is none, or is there twice
     */
    static List<String> sorted(Collection<String> paths) {
        paths.forEach(ViewPath::checkPath);
        return sorted("path", paths, Comparator.naturalOrder());
    }

    /**
     * A sorted copy.
     *
     * @param what one of them is
     * @throws IllegalArgumentException if one is there twice
     */
    static <T> List<T> sorted(String what, Collection<? extends T> values, Comparator<? super T> order) {
        List<T> sorted = new ArrayList<>(values);
        sorted.sort(order);
        for (int i = 1; i < sorted.size(); i++) {
            if (order.compare(sorted.get(i - 1), sorted.get(i)) == 0) {
                throw new IllegalArgumentException("a " + what + " is there twice");
            }
        }
        return List.copyOf(sorted);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
