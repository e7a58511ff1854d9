package dev.jdist.sandbox.bubblewrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The filter of system calls as a function, for every kind of machine wherever the tests run. */
class CallFilterTest {
    private static final Path HELPER = Path.of("target/native/jdist-sandbox").toAbsolutePath();
    private static final Pattern ROW = Pattern.compile("CALL\\((\\w+), (EPERM|ENOSYS), (.*?)\\).*");
    private static final Pattern HEADER_ROW = Pattern.compile("#define __NR_(\\w+)\\s+([0-9]+)");
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int X32 = 0x40000000;
    private static final int NUMBERS = 1024;
    private static final int UNIX = 1;

    /** The columns of {@code calls.h}. */
    enum Machine {
        X86_64(0xc000003e, "x86_64", "x86_64-linux-gnu/asm/unistd_64.h", 56, 41, 53, 16, 135),
        I386(0x40000003, "x86_64", "x86_64-linux-gnu/asm/unistd_32.h", 120, 359, 360, 54, 136),
        AARCH64(0xc00000b7, "aarch64", "asm-generic/unistd.h", 220, 198, 199, 29, 92),
        ARM(0x40000028, "aarch64", "arm-linux-gnueabihf/asm/unistd-common.h", 120, 281, 288, 54, 136);

        private final int architecture;
        private final String kernel;
        private final Path header;
        private final int clone;
        private final int socket;
        private final int socketpair;
        private final int ioctl;
        private final int personality;

        Machine(
                int architecture,
                String kernel,
                String header,
                int clone,
                int socket,
                int socketpair,
                int ioctl,
                int personality) {
            this.architecture = architecture;
            this.kernel = kernel;
            this.header = Path.of("/usr/include", header);
            this.clone = clone;
            this.socket = socket;
            this.socketpair = socketpair;
            this.ioctl = ioctl;
            this.personality = personality;
        }

        int verdict(int number, long... arguments) {
            return PROGRAMS.get(kernel).verdict(architecture, number, arguments);
        }

        Set<Integer> inspected() {
            return Set.of(clone, socket, socketpair, ioctl, personality);
        }
    }

    private record Call(String name, int errno, List<String> numbers) {}

    private static final Map<String, BpfProgram> PROGRAMS = new HashMap<>();
    private static List<Call> calls;

    @BeforeAll
    static void read() throws IOException, InterruptedException {
        for (String machine : List.of("x86_64", "aarch64")) {
            Process process = new ProcessBuilder(HELPER.toString(), "filter", machine).start();
            PROGRAMS.put(machine, new BpfProgram(process.getInputStream().readAllBytes()));
            assertEquals(0, process.waitFor());
        }
        calls = Files.readAllLines(Path.of("src/main/c/calls.h")).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row -> new Call(
                        row.group(1),
                        row.group(2).equals("EPERM") ? EPERM : ENOSYS,
                        List.of(row.group(3).split(", "))))
                .toList();
        assertTrue(calls.size() > 80, "rows of calls.h: " + calls.size());
    }

    @ParameterizedTest
    @EnumSource
    void verdict_ofListedCalls_isTheListedError(Machine machine) {
        for (Call call : calls) {
            String number = call.numbers.get(machine.ordinal());
            if (!number.equals("NONE")) {
                assertEquals(
                        BpfProgram.refusal(call.errno), machine.verdict(Integer.parseInt(number)), call.toString());
            }
        }
    }

    /** Also of those that no kernel has yet. */
    @ParameterizedTest
    @EnumSource
    void verdict_ofAllOtherCalls_isToAllow(Machine machine) {
        Set<Integer> apart = new HashSet<>(machine.inspected());
        calls.stream()
                .map(call -> call.numbers.get(machine.ordinal()))
                .filter(number -> !number.equals("NONE"))
                .forEach(number -> apart.add(Integer.parseInt(number)));

        for (int number = 0; number < NUMBERS; number++) {
            if (!apart.contains(number)) {
                assertEquals(BpfProgram.ALLOW, machine.verdict(number), "number " + number);
            }
        }
    }

    /** Names and numbers of the kernel's own headers, where this machine has them. */
    @ParameterizedTest
    @EnumSource
    void numbers_ofCalls_areTheKernels(Machine machine) throws IOException {
        assumeTrue(Files.exists(machine.header), "skipped: this machine has no " + machine.header);
        Map<String, String> header = new HashMap<>();
        for (String line : Files.readAllLines(machine.header)) {
            Matcher row = HEADER_ROW.matcher(line.strip());
            if (row.matches()) {
                header.putIfAbsent(row.group(1), row.group(2));
            }
        }
        List<String> different = new ArrayList<>();
        for (Call call : calls) {
            String here = call.numbers.get(machine.ordinal());
            // The generic list has those of 32-bit machines too.
            boolean narrow = call.name.endsWith("64") && machine == Machine.AARCH64;
            String there = narrow ? "NONE" : header.getOrDefault(call.name, "NONE");
            boolean newer = there.equals("NONE") && Integer.parseInt(here.replace("NONE", "0")) > 424;
            if (!here.equals(there) && !newer) {
                different.add(call.name + " is " + there + ", not " + here);
            }
        }

        assertEquals(List.of(), different);
    }

    @ParameterizedTest
    @EnumSource
    void verdict_ofClone_dependsOnNamespaces(Machine machine) {
        long fork = 17;
        long thread = 0x3d0f00;
        long vfork = 0x4111;
        for (long flags : List.of(fork, thread, vfork, 0xff01ffffL, 0x1_0000_0011L)) {
            assertEquals(
                    (flags & 0x7e020000) == 0 ? BpfProgram.ALLOW : BpfProgram.refusal(EPERM),
                    machine.verdict(machine.clone, flags));
        }
        for (int bit : List.of(17, 25, 26, 27, 28, 29, 30)) {
            assertEquals(BpfProgram.refusal(EPERM), machine.verdict(machine.clone, fork | 1L << bit), "bit " + bit);
        }
    }

    /** The kernel looks at the lower half of a domain, and so does the filter. */
    @ParameterizedTest
    @EnumSource
    void verdict_ofSockets_isToAllowThoseOfThisMachineOnly(Machine machine) {
        for (int call : List.of(machine.socket, machine.socketpair)) {
            assertEquals(BpfProgram.ALLOW, machine.verdict(call, UNIX));
            assertEquals(BpfProgram.ALLOW, machine.verdict(call, 1L << 32 | UNIX));
            for (long domain : List.of(0L, 2L, 10L, 16L, 17L, 38L, 40L, -1L, 1L << 32, 1L << 32 | 2)) {
                assertEquals(BpfProgram.refusal(EPERM), machine.verdict(call, domain), "domain " + domain);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void verdict_ofIoctl_dependsOnTheRequest(Machine machine) {
        long onTerminal = 0x5401;
        assertEquals(BpfProgram.ALLOW, machine.verdict(machine.ioctl, 0, onTerminal));
        assertEquals(BpfProgram.ALLOW, machine.verdict(machine.ioctl, 0x5412, onTerminal));
        for (long request : List.of(0x5412L, 0x541cL, 0x5423L, 1L << 32 | 0x5412)) {
            assertEquals(BpfProgram.refusal(EPERM), machine.verdict(machine.ioctl, 0, request));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, true",
        "0x8, true",
        "0x20000, true",
        "0x40008, true",
        "0xffffffff, true",
        "0x400000, false",
        "0x100000, false",
        "0x200000, false",
        "0x1, false",
        "0xfffffffe, false"
    })
    void verdict_ofPersonality_isToAllowTheCommonOnes(String persona, boolean allowed) {
        for (Machine machine : Machine.values()) {
            assertEquals(
                    allowed ? BpfProgram.ALLOW : BpfProgram.refusal(EPERM),
                    machine.verdict(machine.personality, Long.decode(persona)));
        }
    }

    @Test
    void verdict_ofX32_isThatThereIsNone() {
        for (int number : List.of(0, 41, 101, 521, NUMBERS, Integer.MAX_VALUE - X32, -1 - X32)) {
            assertEquals(BpfProgram.refusal(ENOSYS), Machine.X86_64.verdict(X32 | number));
        }
    }

    @Test
    void verdict_ofAnyOtherArchitecture_isToKill() {
        for (Map.Entry<String, BpfProgram> program : PROGRAMS.entrySet()) {
            List<Integer> others = new ArrayList<>(List.of(0, 0x14, 0x80000016, 0xc00000f3));
            for (Machine machine : Machine.values()) {
                if (!machine.kernel.equals(program.getKey())) {
                    others.add(machine.architecture);
                }
            }
            for (int other : others) {
                assertEquals(BpfProgram.KILL, program.getValue().verdict(other, 1), Integer.toHexString(other));
            }
        }
    }

    @Test
    void filter_forAnUnknownMachine_isNone() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(HELPER.toString(), "filter", "m68k").start();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(1, process.waitFor());
        assertEquals("jdist-sandbox: no filter of system calls for m68k: Function not implemented\n", said);
    }
}
