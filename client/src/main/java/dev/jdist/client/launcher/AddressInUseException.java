package dev.jdist.client.launcher;

import dev.jdist.protocol.daemon.StartupException;
import java.nio.file.Path;

/** A client daemon cannot start because another one serves its socket. */
public final class AddressInUseException extends StartupException {
    private static final long serialVersionUID = 1;

    AddressInUseException(Path socket) {
        super("Address in use: a daemon runs on " + socket + " already");
    }
}
