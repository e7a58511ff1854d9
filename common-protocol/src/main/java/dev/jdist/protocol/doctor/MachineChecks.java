package dev.jdist.protocol.doctor;

import dev.jdist.protocol.wire.Reason;
import dev.jdist.protocol.wire.ServerId;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What has nothing to do with jdist: addresses, ports and directories of this machine. */
public final class MachineChecks {
    private static final long MIB = 1 << 20;
    /** With less, nothing works; with less than that many times as much, not for long. */
    private static final long LEAST_SPACE = 100 * MIB;

    private static final int COMFORT = 20;
    private static final int LISTENERS = 1;

    private MachineChecks() {}

    /** Whether an address is one of this machine's. */
    public static boolean isLocal(InetAddress address) {
        try {
            return address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    /** Whether files can be written to a directory, which is made if it is not there, and how many. */
    public static void directory(Findings findings, String key, Path directory) {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, "jdist-doctor-", ""));
            long space = Files.getFileStore(directory).getUsableSpace();
            String what = key + " = " + directory + ": " + space / MIB + " MiB free";
            String remedy = "df -h " + directory + ", and make room or point " + key + " to another disk";
            if (space < LEAST_SPACE) {
                findings.fault("disk", what, remedy);
            } else if (space < COMFORT * LEAST_SPACE) {
                findings.warning("disk", what, remedy);
            } else {
                findings.ok("disk", what);
            }
        } catch (IOException e) {
            findings.fault(
                    "disk",
                    key + " = " + directory + " cannot be written to: " + e,
                    "mkdir -p " + directory + " && chown " + System.getProperty("user.name") + " " + directory
                            + ", or point " + key + " elsewhere");
        }
    }

    /** What becomes of who wants to listen. */
    public enum Port {
        FREE,
        TAKEN,
        IMPOSSIBLE
    }

    /** Whether a program could listen there; why it could not is among the findings then. */
    public static Port port(Findings findings, String key, ServerId address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // as the daemons do: connections of before do not count
            socket.bind(address.toSocketAddress(), LISTENERS);
            return Port.FREE;
        } catch (BindException e) {
            if (isLocal(address.ip()) && !Reason.of(e).contains("Permission")) {
                return Port.TAKEN;
            }
            findings.fault(
                    "port",
                    "cannot listen on " + key + " = " + address + ": " + e.getMessage(),
                    isLocal(address.ip())
                            ? "choose a port above 1023"
                            : "let " + key + " be an address of this machine: ip -brief address");
        } catch (IOException e) {
            findings.fault("port", "cannot listen on " + key + " = " + address + ": " + e.getMessage(), "");
        }
        return Port.IMPOSSIBLE;
    }

    /** The finding about a port that a program other than the right one has. */
    public static void takenByAnother(Findings findings, String key, ServerId address) {
        findings.fault(
                "port",
                key + " = " + address + " is used by another program",
                "ss -ltnp 'sport = :" + address.port() + "' names it; end it, or choose another port");
    }
}
