package dev.tidemark.zookeeper;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Ends the wait for the first connection in a clear error.
final class FirstConnection {
    private static final int PROBE_TIMEOUT_MS = 500;
    private static final int DEFAULT_PORT = 2181;

    private FirstConnection() {}

    static void watch(CompletableFuture<?> connection, ZooKeeperSettings settings, Runnable giveUp) {
        var _ = CompletableFuture.runAsync(
                () -> {
                    if (connection.isDone()) return;
                    String why = diagnose(settings.connect());
                    boolean late = connection.completeExceptionally(new IOException("ZooKeeper at "
                            + settings.connect() + " (zookeeper.connect) did not answer within "
                            + settings.connectionTimeoutMs() + " ms (zookeeper.connection.timeout.ms): " + why));
                    if (late) giveUp.run();
                },
                CompletableFuture.delayedExecutor(
                        settings.connectionTimeoutMs(),
                        TimeUnit.MILLISECONDS,
                        task -> Thread.ofVirtual().name("zookeeper-probe").start(task)));
    }

    /// What each server says to a plain connection.
    private static String diagnose(String connect) {
        List<String> findings = new ArrayList<>();
        for (String server : ConnectString.parse(connect).hosts().split(",", -1))
            findings.add(server + " " + probe(server));
        return String.join("; ", findings);
    }

    private static String probe(String server) {
        int colon = server.lastIndexOf(':');
        String host = colon < 0 ? server : server.substring(0, colon);
        try (Socket socket = new Socket()) {
            int port = colon < 0 ? DEFAULT_PORT : Integer.parseInt(server.substring(colon + 1));
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), PROBE_TIMEOUT_MS);
            return "accepts connections, but is no ZooKeeper server that serves (no quorum?)";
        } catch (UnknownHostException e) {
            return "is an unknown host";
        } catch (NumberFormatException e) {
            return "is not host:port";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
