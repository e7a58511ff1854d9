package dev.jdist.protocol.message;

import dev.jdist.protocol.wire.WireReader;
import dev.jdist.protocol.wire.WireWriter;

/** One variable of a compile's environment. The value never reaches a log. */
public record EnvironmentVariable(String name, String value) {
    void encode(WireWriter out) {
        out.beginTuple();
        out.string(name);
        out.string(value);
        out.endTuple();
    }

    static EnvironmentVariable decode(WireReader in) {
        in.beginTuple();
        EnvironmentVariable variable = new EnvironmentVariable(in.string(), in.string());
        in.endTuple();
        return variable;
    }

    @Override
    public String toString() {
        return name;
    }
}
