package dev.jdist.client.files;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileStatTest {
    /** What a file system of a coarser clock says of a change, and what that may have been. */
    @ParameterizedTest
    @CsvSource({
        "1700000000123456789, 1700000000123456789",
        "1700000000123456700, 1700000000123456799",
        "1700000000123456000, 1700000000123456999",
        "1700000000120000000, 1700000000129999999",
        "1700000000000000000, 1700000001999999999",
    })
    void latestChange_isAsMuchLaterAsTheClockHides(long changed, long latest) {
        FileStat stat = new FileStat(1, 2, 3, 4, changed);
        assertEquals(latest, stat.latestChange());
        assertEquals(false, stat.isFromBefore(new Moment(latest)));
        assertEquals(true, stat.isFromBefore(new Moment(latest + 1)));
    }
}
