package dev.jdist.protocol.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checked against the status page of a stock scheduler, which answers each of these in the same encoding. */
class AcceptTest {
    @Test
    void prefer_nothingSaid_isBincode() {
        assertEquals(Accept.BINCODE, Accept.prefer(null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*/*",
                "application/*",
                "application/octet-stream",
                "application/json, application/octet-stream",
                "application/json;q=0.4,application/octet-stream;q=0.5",
                "application/json;q=0.9, */*",
                "text/html",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "",
                " ",
                ",",
                ";",
                ";q=1",
                "q=1",
                ";;;,;"
            })
    void prefer_anythingButJsonFirst_isBincode(String header) {
        assertEquals(Accept.BINCODE, Accept.prefer(header));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "application/json;q=0.5,application/octet-stream;q=0.4",
                " application/json ; q=0.5 , application/octet-stream ; q=0.4 ",
                "application/json, */*;q=0.5",
                "application/json, text/html",
                "APPLICATION/JSON",
                "application/json;Q=0.5,application/octet-stream;q=0.4"
            })
    void prefer_jsonFirst_isJson(String header) {
        assertEquals(Accept.JSON, Accept.prefer(header));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json;q=x",
                "application/json;q=",
                "application/json;q=NaN",
                "application/json;q=-1",
                "application/json;q=0"
            })
    void prefer_jsonWithoutWeight_isBincode(String header) {
        assertEquals(Accept.BINCODE, Accept.prefer(header));
    }
}
