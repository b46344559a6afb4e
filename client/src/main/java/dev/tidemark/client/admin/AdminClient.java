package dev.tidemark.client.admin;

import dev.tidemark.client.ClientConfig;
import dev.tidemark.client.cluster.ClusterClient;
import dev.tidemark.client.network.SocketTransport;
import dev.tidemark.client.network.Transport;

/// What operators and tools ask of a cluster, by theme. All calls wait in the caller's thread, which may be a virtual
/// one, for [ClientConfig#apiTimeoutMs] at most, and retry what is worth it. They throw a
/// [dev.tidemark.client.ClientException] where the call as a whole failed; what failed for one topic or group of many
/// is a [Result.Failed]. Used by any thread.
public final class AdminClient implements AutoCloseable {
    private final ClusterClient cluster;
    private final AdminCalls calls;

    private AdminClient(ClusterClient cluster) {
        this.cluster = cluster;
        this.calls = new AdminCalls(cluster);
    }

    /// Connects when it is first used.
    public static AdminClient create(ClientConfig config) {
        return create(config, new SocketTransport(config));
    }

    public static AdminClient create(ClientConfig config, Transport transport) {
        return new AdminClient(new ClusterClient(config, transport));
    }

    public TopicAdmin topics() {
        return new TopicAdmin(calls);
    }

    public ConfigAdmin configs() {
        return new ConfigAdmin(calls);
    }

    public OffsetAdmin offsets() {
        return new OffsetAdmin(calls);
    }

    public GroupAdmin groups() {
        return new GroupAdmin(calls);
    }

    public TransactionAdmin transactions() {
        return new TransactionAdmin(calls);
    }

    public ClusterAdmin cluster() {
        return new ClusterAdmin(calls);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
