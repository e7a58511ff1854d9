package dev.jdist.protocol.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jdist.protocol.settings.Role;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private final Findings findings = new Findings();

    @Test
    void toText_ofSeveral_isAligned() {
        findings.ok("settings", "in order");
        findings.warning("clock", "90 s behind", "timedatectl set-ntp true");
        findings.fault("disk", "full", "df -h");

        assertEquals("""
            A machine:
            ok       settings  in order
            warning  clock     90 s behind
                               -> timedatectl set-ntp true
            fault    disk      full
                               -> df -h
            1 fault, 1 warning
            """, findings.toText("A machine:"));
    }

    @Test
    void toText_ofNothing_countsNothing() {
        assertEquals("A machine:\n0 faults, 0 warnings\n", findings.toText("A machine:"));
    }

    /** What programs complain of may have any number of lines. */
    @Test
    void finding_ofManyLines_isOne() {
        findings.fault("sandbox", "first\n  second\r\n", "a\nb");

        assertEquals("first; second", findings.all().get(0).what());
        assertEquals("a; b", findings.all().get(0).remedy());
    }

    @Test
    void toJson_hasAllOfIt() throws Exception {
        findings.warning("clock", "90 s \"behind\"", "mend it");

        JsonNode root = new ObjectMapper().readTree(findings.toJson(Role.BUILDER, "/etc/server.conf"));

        assertEquals("builder", root.get("role").asText());
        assertEquals("/etc/server.conf", root.get("config").asText());
        assertTrue(root.get("healthy").asBoolean());
        assertEquals(
                "{\"grade\":\"warning\",\"check\":\"clock\",\"what\":\"90 s \\\"behind\\\"\",\"remedy\":\"mend it\"}",
                root.get("findings").get(0).toString());
    }

    @Test
    void hasFault_dependsOnFaultsAlone() {
        findings.ok("a", "b");
        findings.warning("a", "b", "c");
        assertFalse(findings.hasFault());

        findings.fault("a", "b", "c");
        assertTrue(findings.hasFault());
    }
}
