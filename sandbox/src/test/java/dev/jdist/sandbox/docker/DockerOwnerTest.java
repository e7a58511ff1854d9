package dev.jdist.sandbox.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DockerOwnerTest {
    @Test
    void prefix_ofAnyAddress_isANameThatDockerTakesAndItsOwn() {
        DockerOwner four = new DockerOwner("10.0.0.2:10501");
        DockerOwner six = new DockerOwner("[fd00::2]:10501");

        assertTrue(six.prefix().matches("[a-z0-9]+(-[a-z0-9]+)*"), six.prefix());
        assertNotEquals(four.prefix(), six.prefix());
        assertEquals(six.prefix(), new DockerOwner("[fd00::2]:10501").prefix());
    }
}
