package dev.tidemark.zookeeper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the operator why the first connection does not come about, and ends the wait for it in a clear error.
final class FirstConnection {
    private static final Logger LOG = LoggerFactory.getLogger(FirstConnection.class);
    private static final int PROBE_TIMEOUT_MS = 500;

    /// A start that goes well is not diagnosed.
    private static final long FIRST_WORD_MS = 1_500;

    private static final long WORD_PERIOD_MS = 10_000;

    private FirstConnection() {}

    static void watch(CompletableFuture<?> connection, ZooKeeperSettings settings, Runnable giveUp) {
        Thread.ofVirtual().name("zookeeper-probe").start(() -> {
            try {
                if (!comes(connection, settings)) fail(connection, settings, giveUp);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Waits for the connection, with a line in the log now and then.
    private static boolean comes(CompletableFuture<?> connection, ZooKeeperSettings settings)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + settings.connectionTimeoutMs() * 1_000_000L;
        long waitMs = FIRST_WORD_MS;
        while (true) {
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (isDone(connection, Math.min(waitMs, leftMs))) return true;
            if (leftMs <= waitMs) return false;
            LOG.warn(
                    "ZooKeeper at {} does not answer yet: {}. Trying for {} s more (zookeeper.connection.timeout.ms).",
                    settings.connect(),
                    diagnose(settings.connect()),
                    (leftMs - waitMs) / 1_000);
            waitMs = WORD_PERIOD_MS;
        }
    }

    private static boolean isDone(CompletableFuture<?> connection, long waitMs) throws InterruptedException {
        try {
            connection.get(Math.max(0, waitMs), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException failed) {
            return true;
        } catch (TimeoutException notYet) {
            return false;
        }
    }

    private static void fail(CompletableFuture<?> connection, ZooKeeperSettings settings, Runnable giveUp) {
        boolean late = connection.completeExceptionally(new IOException("ZooKeeper at " + settings.connect()
                + " (zookeeper.connect) did not answer within " + settings.connectionTimeoutMs()
                + " ms (zookeeper.connection.timeout.ms): " + diagnose(settings.connect())));
        if (late) giveUp.run();
    }

    /// What each server says to a plain connection.
    static String diagnose(String connect) {
        List<String> findings = new ArrayList<>();
        for (InetSocketAddress server :
                ConnectString.addresses(ConnectString.parse(connect).hosts())) {
            findings.add(server.getHostString() + ":" + server.getPort() + " " + probe(server));
        }
        return String.join("; ", findings);
    }

    private static String probe(InetSocketAddress server) {
        try (Socket socket = new Socket()) {
            InetAddress host = InetAddress.getByName(server.getHostString());
            socket.connect(new InetSocketAddress(host, server.getPort()), PROBE_TIMEOUT_MS);
            return "accepts connections, but is no ZooKeeper server that serves (no quorum?)";
        } catch (UnknownHostException e) {
            return "is an unknown host";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
