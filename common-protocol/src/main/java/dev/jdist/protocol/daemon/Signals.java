package dev.jdist.protocol.daemon;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Signals of the operating system, by way of {@code sun.misc.Signal}: every JVM has it and no other way is there to hear
 * of a second signal, but a compiler warns about whoever names it.
 */
public final class Signals {
    private Signals() {}

    /**
     * Has a signal handled here instead of by the JVM.
     *
     * @param name without {@code SIG}
     * @param handler gets the signal's number, on a thread of its own
     */
    static void handle(String name, IntConsumer handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    signalHandler.getClassLoader(), new Class<?>[] {signalHandler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.accept((int) signal.getMethod("getNumber").invoke(arguments[0]));
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, signalHandler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException e) {
            boolean taken = e instanceof InvocationTargetException;
            throw new IllegalStateException(
                    taken ? "this JVM keeps the signal " + name + " to itself" : "a JVM without signals", e);
        }
    }
}
