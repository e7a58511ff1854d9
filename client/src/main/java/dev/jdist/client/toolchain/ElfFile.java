package dev.jdist.client.toolchain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the dynamic loader reads of an ELF file, see elf(5): 32 or 64 bit, of either byte order.
 *
 * @param machine the processor it is for, {@code e_machine}
 * @param wide whether it is a 64-bit file
 * @param interpreter the loader it asks for, if it is a dynamic executable
 * @param soname the name that a library goes by, whatever its file is called
 * @param needed names of libraries, or paths
 * @param rpath directories to search, before those of the environment and for its libraries' libraries too
 * @param runpath directories to search for its own libraries; if there are any, {@code rpath} does not count
 */
public record ElfFile(
        int machine,
        boolean wide,
        Optional<String> interpreter,
        Optional<String> soname,
        List<String> needed,
        List<String> rpath,
        List<String> runpath) {
    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int PT_INTERP = 3;
    private static final long DT_NEEDED = 1;
    private static final long DT_STRTAB = 5;
    private static final long DT_SONAME = 14;
    private static final long DT_RPATH = 15;
    private static final long DT_RUNPATH = 29;

    private static final int MAX_SEGMENTS = 1024;
    private static final int MAX_DYNAMIC_BYTES = 1 << 20;
    private static final int MAX_NAME = 4096;

    /** Reads a file, or nothing if it is not ELF. */
    static Optional<ElfFile> read(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new Reader(channel, path).read();
        }
    }

    /** What a dynamic section says, as far as it was read. */
    private static final class Dynamic {
        private Optional<String> soname = Optional.empty();
        private final List<String> needed = new ArrayList<>();
        private final List<String> rpath = new ArrayList<>();
        private final List<String> runpath = new ArrayList<>();
    }

    private record Segment(int type, long offset, long address, long size) {}

    private static final class Reader {
        private final FileChannel channel;
        private final Path path;
        private boolean wide;
        private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

        Reader(FileChannel channel, Path path) {
            this.channel = channel;
            this.path = path;
        }

        Optional<ElfFile> read() throws IOException {
            ByteBuffer ident = atMost(0, 16);
            if (ident.remaining() < 16
                    || ident.get(0) != 0x7f
                    || ident.get(1) != 'E'
                    || ident.get(2) != 'L'
                    || ident.get(3) != 'F') {
                return Optional.empty();
            }
            wide = ident.get(4) == 2;
            order = ident.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            int machine = at(18, 2).getShort(0) & 0xffff;

            List<Segment> segments = segments();
            Optional<String> interpreter = Optional.empty();
            Dynamic dynamic = new Dynamic();
            for (Segment segment : segments) {
                if (segment.type == PT_INTERP) {
                    interpreter = Optional.of(string(segment.offset));
                } else if (segment.type == PT_DYNAMIC) {
                    readDynamic(segment, segments, dynamic);
                }
            }
            return Optional.of(new ElfFile(
                    machine, wide, interpreter, dynamic.soname, dynamic.needed, dynamic.rpath, dynamic.runpath));
        }

        private List<Segment> segments() throws IOException {
            ByteBuffer header = at(0, wide ? 64 : 52);
            long tableOffset = wide ? header.getLong(32) : header.getInt(28) & 0xffffffffL;
            int entrySize = header.getShort(wide ? 54 : 42) & 0xffff;
            int count = header.getShort(wide ? 56 : 44) & 0xffff;
            if (count == 0) {
                return List.of(); // An object file.
            }
            if (count > MAX_SEGMENTS || entrySize < (wide ? 56 : 32)) {
                throw damaged();
            }
            ByteBuffer table = at(tableOffset, count * entrySize);
            List<Segment> segments = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int base = i * entrySize;
                segments.add(
                        wide
                                ? new Segment(
                                        table.getInt(base),
                                        table.getLong(base + 8),
                                        table.getLong(base + 16),
                                        table.getLong(base + 32))
                                : new Segment(
                                        table.getInt(base),
                                        table.getInt(base + 4) & 0xffffffffL,
                                        table.getInt(base + 8) & 0xffffffffL,
                                        table.getInt(base + 16) & 0xffffffffL));
            }
            return segments;
        }

        private void readDynamic(Segment section, List<Segment> segments, Dynamic into) throws IOException {
            if (section.size < 0 || section.size > MAX_DYNAMIC_BYTES) {
                throw damaged();
            }
            ByteBuffer table = at(section.offset, (int) section.size);
            int width = wide ? 8 : 4;
            long strings = -1;
            for (int base = 0; base + 2 * width <= table.limit(); base += 2 * width) {
                if (word(table, base) == DT_STRTAB) {
                    strings = toOffset(word(table, base + width), segments);
                }
            }
            for (int base = 0; base + 2 * width <= table.limit() && strings >= 0; base += 2 * width) {
                long tag = word(table, base);
                long value = word(table, base + width);
                if (tag == 0) {
                    break;
                } else if (tag == DT_NEEDED) {
                    into.needed.add(string(strings + value));
                } else if (tag == DT_SONAME) {
                    into.soname = Optional.of(string(strings + value));
                } else if (tag == DT_RPATH) {
                    into.rpath.addAll(List.of(string(strings + value).split(":")));
                } else if (tag == DT_RUNPATH) {
                    into.runpath.addAll(List.of(string(strings + value).split(":")));
                }
            }
        }

        private long word(ByteBuffer table, int offset) {
            return wide ? table.getLong(offset) : table.getInt(offset) & 0xffffffffL;
        }

        private static long toOffset(long address, List<Segment> segments) {
            return segments.stream()
                    .filter(segment -> segment.type == PT_LOAD
                            && address >= segment.address
                            && address < segment.address + segment.size)
                    .mapToLong(segment -> segment.offset + address - segment.address)
                    .findFirst()
                    .orElse(-1);
        }

        private String string(long offset) throws IOException {
            if (offset < 0) {
                throw damaged();
            }
            ByteBuffer bytes = ByteBuffer.allocate(MAX_NAME);
            channel.read(bytes, offset);
            int length = 0;
            while (length < bytes.position() && bytes.get(length) != 0) {
                length++;
            }
            return new String(bytes.array(), 0, length, StandardCharsets.UTF_8);
        }

        /** {@code size} bytes from {@code offset}. */
        private ByteBuffer at(long offset, int size) throws IOException {
            if (offset < 0 || offset > Long.MAX_VALUE - size) {
                throw damaged();
            }
            ByteBuffer bytes = atMost(offset, size);
            if (bytes.remaining() < size) {
                throw damaged();
            }
            return bytes.order(order);
        }

        /** The same, or fewer where the file ends. */
        private ByteBuffer atMost(long offset, int size) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(size);
            while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {
                // A channel may read less than is asked for.
            }
            return bytes.flip();
        }

        private IOException damaged() {
            return new IOException(path + " is not a valid ELF file");
        }
    }
}
