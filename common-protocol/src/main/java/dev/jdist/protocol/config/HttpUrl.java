package dev.jdist.protocol.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a scheduler or a login page is. Prints as browsers and sccache print it: lower-case host, no default port, a
 * path of at least {@code /}.
 *
 * @param port always set: 80 or 443 where the text named none
 */
public record HttpUrl(boolean secure, String host, int port, String path) {
    private static final Pattern LOOSE_AUTHORITY = Pattern.compile("([A-Za-z0-9_.-]+):?([0-9]{0,5})");

    /** @throws IllegalArgumentException with a message for the person who wrote the URL */
    public static HttpUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not a URL such as http://192.168.1.5:10600", e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("\"" + text + "\" must start with http:// or https://");
        }
        String host = uri.getHost();
        int port = uri.getPort();
        if (host == null && uri.getRawAuthority() != null) {
            // Java takes no underscore in a host, but names of containers have it, and sccache takes it.
            Matcher loose = LOOSE_AUTHORITY.matcher(uri.getRawAuthority());
            if (loose.matches()) {
                host = loose.group(1);
                port = loose.group(2).isEmpty() ? -1 : Integer.parseInt(loose.group(2));
            }
        }
        if (host == null || port > 65535) {
            throw new IllegalArgumentException("\"" + text + "\" names no host and port to connect to");
        }
        boolean secure = scheme.equals("https");
        if (port < 0) {
            port = defaultPort(secure);
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return new HttpUrl(secure, host.toLowerCase(Locale.ROOT), port, path + query);
    }

    /** {@code host} or {@code host:port}, as a Host header wants it. */
    public String authority() {
        return port == defaultPort(secure) ? host : host + ":" + port;
    }

    /** The host to connect to: an IPv6 address without its brackets. */
    public String bareHost() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int defaultPort(boolean secure) {
        return secure ? 443 : 80;
    }

    @Override
    public String toString() {
        return (secure ? "https://" : "http://") + authority() + path;
    }
}
