package dev.jdist.protocol.http.client;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Finds addresses as every program of this machine does, so that names from {@code /etc/hosts} and mDNS work; but on
 * threads of its own, as that blocks for as long as a DNS server is silent.
 */
public final class NameLookup extends AddressResolverGroup<InetSocketAddress> {
    private static final int THREADS = 4;
    private static final int MAX_WAITING = 1024;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            new DefaultThreadFactory("names", true));

    NameLookup() {
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new Resolver(executor, threads).asAddressResolver();
    }

    private static final class Resolver extends InetNameResolver {
        private final Executor threads;

        Resolver(EventExecutor executor, Executor threads) {
            super(executor);
            this.threads = threads;
        }

        @Override
        protected void doResolve(String name, Promise<InetAddress> promise) throws UnknownHostException {
            byte[] literal = NetUtil.createByteArrayFromIpAddressString(name);
            boolean hasZone = name.indexOf('%') >= 0;
            if (literal != null && !hasZone) {
                promise.setSuccess(InetAddress.getByAddress(literal));
                return;
            }
            inThread(promise, () -> promise.setSuccess(InetAddress.getByName(name)));
        }

        @Override
        protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
            inThread(promise, () -> promise.setSuccess(List.of(InetAddress.getAllByName(name))));
        }

        private void inThread(Promise<?> promise, Lookup lookup) {
            try {
                threads.execute(() -> {
                    try {
                        lookup.run();
                    } catch (UnknownHostException e) {
                        promise.setFailure(e);
                    }
                });
            } catch (RejectedExecutionException e) {
                promise.setFailure(e);
            }
        }
    }

    @FunctionalInterface
    private interface Lookup {
        void run() throws UnknownHostException;
    }
}
