package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which system calls a view is told of, for every kind of machine wherever the tests run. */
class ViewCallsTest {
    private static final Path HELPER = Path.of("target/native/jdist-sandbox").toAbsolutePath();
    private static final Path CALLS = Path.of("src/main/c/calls.h");
    private static final Path PATHS = Path.of("src/main/c/paths.h");
    private static final Pattern ROW = Pattern.compile("PATH_CALL\\((\\w+), \\w+, (?:\\w+, ){3}(.*?)\\).*");
    private static final Pattern REFUSED = Pattern.compile("CALL\\((\\w+), .*");
    private static final Pattern HEADER_ROW = Pattern.compile("#define __NR(?:3264)?_(\\w+)\\s+([0-9]+)");
    private static final int ASK = 0x7fc00000;
    private static final int ENOSYS = 38;
    private static final int X32 = 0x40000000;
    private static final int NUMBERS = 1024;

    /** The columns of {@code paths.h}. */
    enum Machine {
        X86_64(0xc000003e, "x86_64", "x86_64-linux-gnu/asm/unistd_64.h"),
        I386(0x40000003, "x86_64", "x86_64-linux-gnu/asm/unistd_32.h"),
        AARCH64(0xc00000b7, "aarch64", "asm-generic/unistd.h"),
        ARM(0x40000028, "aarch64", "arm-linux-gnueabihf/asm/unistd-common.h");

        private final int architecture;
        private final String kernel;
        private final Path header;

        Machine(int architecture, String kernel, String header) {
            this.architecture = architecture;
            this.kernel = kernel;
            this.header = Path.of("/usr/include", header);
        }

        int verdict(int number) {
            return PROGRAMS.get(kernel).verdict(architecture, number);
        }
    }

    private record Call(String name, List<String> numbers) {}

    private static final Map<String, BpfProgram> PROGRAMS = new HashMap<>();
    private static List<Call> calls;

    @BeforeAll
    static void read() throws IOException, InterruptedException {
        for (String machine : List.of("x86_64", "aarch64")) {
            Process process = new ProcessBuilder(HELPER.toString(), "view-filter", machine).start();
            PROGRAMS.put(machine, new BpfProgram(process.getInputStream().readAllBytes()));
            assertEquals(0, process.waitFor());
        }
        calls = Files.readAllLines(PATHS).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row -> new Call(row.group(1), List.of(row.group(2).split(", "))))
                .toList();
        assertEquals(72, calls.size(), "rows of paths.h");
    }

    @ParameterizedTest
    @EnumSource
    void verdict_ofCallsWithPaths_isToAsk_andOfAllOthersToAllow(Machine machine) {
        Set<Integer> asked = new HashSet<>();
        calls.stream()
                .map(call -> call.numbers.get(machine.ordinal()))
                .filter(number -> !number.equals("NONE"))
                .forEach(number -> asked.add(Integer.parseInt(number)));

        for (int number = 0; number < NUMBERS; number++) {
            assertEquals(asked.contains(number) ? ASK : BpfProgram.ALLOW, machine.verdict(number), "number " + number);
        }
    }

    @Test
    void verdict_ofX32_isThatThereIsNone() {
        assertEquals(BpfProgram.refusal(ENOSYS), Machine.X86_64.verdict(X32 | 2));
    }

    @Test
    void verdict_ofAnyOtherArchitecture_isToKill() {
        assertEquals(BpfProgram.KILL, PROGRAMS.get("x86_64").verdict(Machine.AARCH64.architecture, 56));
        assertEquals(BpfProgram.KILL, PROGRAMS.get("aarch64").verdict(Machine.X86_64.architecture, 2));
    }

    /** Names and numbers of the kernel's own headers, where this machine has them. */
    @ParameterizedTest
    @EnumSource
    void numbers_ofCalls_areTheKernels(Machine machine) throws IOException {
        assumeTrue(Files.exists(machine.header), "skipped: this machine has no " + machine.header);
        Map<String, String> header = header(machine.header);
        List<String> different = new ArrayList<>();
        for (Call call : calls) {
            String here = call.numbers.get(machine.ordinal());
            boolean narrow = call.name.endsWith("64") && machine == Machine.AARCH64;
            // In the generic list it is a number of its own for each width of the machine.
            String name = machine == Machine.AARCH64 && call.name.equals("newfstatat") ? "fstatat" : call.name;
            String there = narrow && !call.name.equals("getdents64") ? "NONE" : header.getOrDefault(name, "NONE");
            boolean newer = there.equals("NONE") && Integer.parseInt(here.replace("NONE", "0")) > 439;
            if (!here.equals(there) && !newer) {
                different.add(call.name + " is " + there + ", not " + here);
            }
        }

        assertEquals(List.of(), different);
    }

    /** So that a call that a newer kernel has is not forgotten: whatever is called like one that takes a path. */
    @ParameterizedTest
    @EnumSource
    void callsOfTheKernel_thatLookLikeOnesWithPaths_areAskedOrRefused(Machine machine) throws IOException {
        assumeTrue(Files.exists(machine.header), "skipped: this machine has no " + machine.header);
        Set<String> known = new HashSet<>();
        calls.forEach(call -> known.add(call.name));
        for (String line : Files.readAllLines(CALLS)) {
            Matcher row = REFUSED.matcher(line);
            if (row.matches()) {
                known.add(row.group(1));
            }
        }
        // By descriptor, or no paths of files.
        known.addAll(Set.of(
                "fstat",
                "fstat64",
                "oldfstat",
                "fstatfs",
                "fstatfs64",
                "fstatat",
                "fchmod",
                "fchown",
                "fchown32",
                "fchdir",
                "statmount",
                "mq_unlink",
                "memfd_create",
                "getcwd",
                "fgetxattr",
                "fsetxattr",
                "flistxattr",
                "fremovexattr",
                "pidfd_open",
                "timerfd_create",
                "signalfd",
                "epoll_create",
                "epoll_create1",
                "timer_create",
                "landlock_create_ruleset",
                "signalfd4",
                "prlimit64",
                "unlinkat",
                "ftruncate",
                "ftruncate64"));
        List<String> missing = header(machine.header).keySet().stream()
                .filter(
                        name -> name.matches(
                                ".*(stat|open|exec|link|mkdir|rmdir|mknod|chmod|chown|utime|access|rename|chdir|chroot|xattr|truncate|creat|watch|getdents|readdir|handle_at).*"))
                .filter(name -> !known.contains(name))
                .filter(name -> !name.matches("(io|sched|rt|clock|inotify_rm)_.*|.*_max|getrusage"))
                .toList();

        assertEquals(List.of(), missing);
        assertTrue(known.contains("openat2"));
    }

    private static Map<String, String> header(Path file) throws IOException {
        Map<String, String> header = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            Matcher row = HEADER_ROW.matcher(line.strip());
            if (row.matches()) {
                header.putIfAbsent(row.group(1), row.group(2));
            }
        }
        return header;
    }
}
