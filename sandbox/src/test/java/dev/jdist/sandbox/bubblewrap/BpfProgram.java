package dev.jdist.sandbox.bubblewrap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A program of the kernel's classic BPF, run as the kernel runs it for a system call. */
public final class BpfProgram {
    static final int ALLOW = 0x7fff0000;
    static final int KILL = 0x80000000;
    private static final int REFUSE = 0x00050000;

    private static final int INSTRUCTION = 8;
    private static final int MOST_INSTRUCTIONS = 4096;
    private static final int CALL_SIZE = 64;
    private static final int ARGUMENTS_AT = 16;

    private final ByteBuffer instructions;

    BpfProgram(byte[] bytes) {
        if (bytes.length == 0 || bytes.length % INSTRUCTION != 0 || bytes.length > MOST_INSTRUCTIONS * INSTRUCTION) {
            throw new IllegalArgumentException("the kernel takes no program of " + bytes.length + " bytes");
        }
        this.instructions = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int refusal(int errno) {
        return REFUSE | errno;
    }

    /** What is to become of a call. */
    int verdict(int architecture, int number, long... arguments) {
        ByteBuffer call = ByteBuffer.allocate(CALL_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        call.putInt(0, number).putInt(Integer.BYTES, architecture);
        for (int i = 0; i < arguments.length; i++) {
            call.putLong(ARGUMENTS_AT + Long.BYTES * i, arguments[i]);
        }
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int value = instructions.getInt(INSTRUCTION * at + 4);
            boolean holds;
            switch (instructions.getShort(INSTRUCTION * at)) {
                case 0x06 -> {
                    return value;
                }
                case 0x20 -> {
                    accumulator = call.getInt(value);
                    continue;
                }
                case 0x05 -> {
                    at += value;
                    continue;
                }
                case 0x15 -> holds = accumulator == value;
                case 0x35 -> holds = Integer.compareUnsigned(accumulator, value) >= 0;
                case 0x45 -> holds = (accumulator & value) != 0;
                default -> throw new IllegalArgumentException("instruction " + at + " is none that is used here");
            }
            at += instructions.get(INSTRUCTION * at + (holds ? 2 : 3)) & 0xff;
        }
    }
}
