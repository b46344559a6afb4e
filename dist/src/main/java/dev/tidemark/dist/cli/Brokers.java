package dev.tidemark.dist.cli;

import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.admin.AdminClient;

/// From `-b` and its kin to a client.
public final class Brokers {
    private static final String DEFAULT = "localhost:9092";

    private Brokers() {}

    public static AdminClient admin(Invocation invocation) {
        return AdminClient.create(config(invocation));
    }

    public static ClientConfig config(Invocation invocation) {
        String environment = invocation.terminal().environment("TIDEMARK_BOOTSTRAP");
        String servers = invocation.text("--bootstrap-server", environment.isEmpty() ? DEFAULT : environment);
        try {
            return ClientConfig.of(servers)
                    .withClientId("tidemark-cli")
                    .withApiTimeoutMs(invocation.count("--timeout-ms", 60_000, 1));
        } catch (IllegalArgumentException wrong) {
            throw CliException.usage("--bootstrap-server: " + wrong.getMessage());
        }
    }
}
