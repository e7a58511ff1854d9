package dev.jdist.client.daemon;

import dev.jdist.client.caller.CallerGoneException;
import dev.jdist.client.caller.RunCommand;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.launcher.LauncherOffer;
import dev.jdist.protocol.wire.Bytes;
import java.util.BitSet;
import java.util.concurrent.CompletionStage;

/**
 * A launcher with something to tell its caller, after all that the compiler has to say.
 *
 * @param notice printed to standard error
 */
public record NotifyingLauncher(Launcher launcher, Bytes notice) implements Launcher {
    @Override
    public int run(RunCommand order) throws CallerGoneException, InterruptedException {
        return launcher.run(order);
    }

    @Override
    public void compare(FileFingerprints files) {
        launcher.compare(files);
    }

    @Override
    public BitSet offer(LauncherOffer offer, Runnable taken) {
        return launcher.offer(new LauncherOffer(offer.moves(), offer.stdout(), withNotice(offer.stderr())), taken);
    }

    @Override
    public void exit(int code, Bytes stdout, Bytes stderr) {
        launcher.exit(code, stdout, withNotice(stderr));
    }

    private Bytes withNotice(Bytes stderr) {
        byte[] all = new byte[stderr.size() + notice.size()];
        System.arraycopy(stderr.toByteArray(), 0, all, 0, stderr.size());
        System.arraycopy(notice.toByteArray(), 0, all, stderr.size(), notice.size());
        return Bytes.wrap(all);
    }

    @Override
    public void become() {
        launcher.become();
    }

    @Override
    public CompletionStage<Void> gone() {
        return launcher.gone();
    }
}
