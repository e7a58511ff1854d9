package dev.jdist.protocol.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpUrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://h, http://h/, h, 80",
        "HTTP://Farm.Example:10600, http://farm.example:10600/, farm.example:10600, 10600",
        "http://h:80/, http://h/, h, 80",
        "https://h:443, https://h/, h, 443",
        "https://h:80, https://h:80/, h:80, 80",
        "http://h:, http://h/, h, 80",
        "http://10.0.0.1:10600, http://10.0.0.1:10600/, 10.0.0.1:10600, 10600",
        "http://[fd00::1]:10600/a, http://[fd00::1]:10600/a, [fd00::1]:10600, 10600",
        "http://[FD00::1], http://[fd00::1]/, [fd00::1], 80",
        "https://h/a%20b?c=d#e, https://h/a%20b?c=d, h, 443",
        "http://h?q, http://h/?q, h, 80",
        // Names of containers look like this, and browsers and sccache take them.
        "http://my_scheduler:10600, http://my_scheduler:10600/, my_scheduler:10600, 10600",
        "https://My_Farm.lan/x?y, https://my_farm.lan/x?y, my_farm.lan, 443",
    })
    void parse_url_printsAsSccacheDoes(String text, String printed, String authority, int port) {
        HttpUrl url = HttpUrl.parse(text);

        assertEquals(printed, url.toString());
        assertEquals(authority, url.authority());
        assertEquals(port, url.port());
        assertEquals(url, HttpUrl.parse(printed));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "h",
                "h:10600",
                "10.0.0.1:10600",
                "/path",
                "//h",
                "ftp://h",
                "file:///etc/passwd",
                "http:",
                "http:h",
                "http://",
                "http:///",
                "http://:80",
                "http://h:65536",
                "http://h:99999999999",
                "http://h:x",
                "http://h:-1",
                "http://my_h:65536",
                "http://my_h:x",
                "http://a b",
                "http://h/ b",
                "http://[fd00::1",
                "http://[h]",
                "http://h\n",
                "http://h%zz",
                "http://é.example",
                "javascript:alert(1)"
            })
    void parse_notAUrl_isRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> HttpUrl.parse(text));
    }
}
