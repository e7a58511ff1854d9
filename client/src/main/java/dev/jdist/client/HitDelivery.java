package dev.jdist.client;

import dev.jdist.client.OutputWriter.NewFile;
import dev.jdist.client.OutputWriter.Staged;
import dev.jdist.client.cache.CompileCache.Hit;
import dev.jdist.client.cache.CompileResult;
import dev.jdist.client.cache.StampedFiles;
import dev.jdist.protocol.Bytes;
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
record HitDelivery(List<Path> outputs, Path dependencies, int umask) {
    private static final Logger log = LoggerFactory.getLogger(HitDelivery.class);

    static HitDelivery of(UnitRequest what) {
        return new HitDelivery(
                what.unit().outputs().stream().map(what::placeOf).toList(),
                what.request().cwd().resolve(what.unit().caching().dependencyFile()),
                what.request().umask());
    }

    /**
     * Has a launcher take a hit if these files have the stamps that they had.
     *
     * @param taken as {@link Launcher#offer} calls it
     * @return numbers of the files that have others, or could have
     */
    BitSet offer(Launcher launcher, StampedFiles files, Hit hit, Runnable taken) {
        CompileResult result = hit.result();
        try (Staged staged = OutputWriter.stage(filesOf(hit), umask)) {
            return launcher.offer(
                    new LauncherOffer(files, staged.moves(), Bytes.wrap(result.stdout()), Bytes.wrap(result.stderr())),
                    taken);
        } catch (IOException e) {
            log.debug("{} cannot be offered: {}", outputs, e.toString());
            return files.all();
        }
    }

    /** Puts a hit where it belongs. @throws IOException if that cannot be done; nothing has changed then */
    void write(Hit hit) throws IOException {
        OutputWriter.writeAll(filesOf(hit), umask);
    }

    private List<NewFile> filesOf(Hit hit) {
        CompileResult result = hit.result();
        List<NewFile> files = new ArrayList<>();
        for (int i = 0; i < outputs.size() && i < result.outputs().size(); i++) {
            Path place = outputs.get(i);
            result.outputs().get(i).ifPresent(octets -> files.add(new NewFile(place, out -> out.write(octets))));
        }
        hit.dependencies().ifPresent(octets -> files.add(new NewFile(dependencies, out -> out.write(octets))));
        return files;
    }
}
