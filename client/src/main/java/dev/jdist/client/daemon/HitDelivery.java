package dev.jdist.client.daemon;

import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileCache.Recipient;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.compile.CompileTask;
import dev.jdist.client.files.FileFingerprints;
import dev.jdist.client.files.OutputWriter;
import dev.jdist.client.files.OutputWriter.NewFile;
import dev.jdist.client.files.OutputWriter.Staged;
import dev.jdist.client.launcher.Launcher;
import dev.jdist.client.launcher.LauncherOffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a unit's outputs go.
 *
 * @param outputs in the order in which the unit names them
 * @param dependencies the dependency file, for a hit that has one
 * @param umask of whoever the files are for
 */
public record HitDelivery(List<Path> outputs, Path dependencies, int umask) {
    private static final Logger log = LoggerFactory.getLogger(HitDelivery.class);

    public static HitDelivery of(CompileTask what) {
        return new HitDelivery(
                what.unit().outputs().stream().map(what::placeOf).toList(),
                what.request().cwd().resolve(what.unit().caching().dependencyFile()),
                what.request().umask());
    }

    /**
     * Delivers to a launcher.
     *
     * @param more files that must have the stamps that they had, behind those of a hit
     * @param taken as {@link Launcher#offer} calls it
     */
    public Recipient to(Launcher launcher, FileFingerprints more, Runnable taken) {
        return new Recipient() {
            private FileFingerprints compared = more;

            @Override
            public void compare(FileFingerprints files) {
                compared = files.and(more);
                launcher.compare(compared);
            }

            @Override
            public BitSet offer(Hit hit) {
                CompileResult result = hit.result();
                try (Staged staged = OutputWriter.stage(filesOf(hit), umask)) {
                    return launcher.offer(new LauncherOffer(staged.moves(), result.stdout(), result.stderr()), taken);
                } catch (IOException e) {
                    log.debug("{} cannot be offered: {}", outputs, e.toString());
                    return compared.all();
                }
            }
        };
    }

    /** Puts a hit where it belongs. @throws IOException if that cannot be done; nothing has changed then */
    public void write(Hit hit) throws IOException {
        OutputWriter.writeAll(filesOf(hit), umask);
    }

    private List<NewFile> filesOf(Hit hit) {
        CompileResult result = hit.result();
        List<NewFile> files = new ArrayList<>();
        for (int i = 0; i < outputs.size() && i < result.outputs().size(); i++) {
            Path place = outputs.get(i);
            result.outputs().get(i).ifPresent(octets -> files.add(new NewFile(place, octets::writeTo)));
        }
        hit.dependencies().ifPresent(octets -> files.add(new NewFile(dependencies, out -> out.write(octets))));
        return files;
    }
}
