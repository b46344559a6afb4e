package dev.tidemark.bench.broker;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;

/// Whether a broker does for a client what the client asks first: tell its versions, and name itself in the metadata.
final class FirstAnswer {
    private static final int TIMEOUT_MS = 1_000;

    private FirstAnswer() {}

    static boolean given(Node node) {
        try (WireConnection connection = new WireConnection(node, TIMEOUT_MS)) {
            ApiVersionsResponse versions =
                    connection.ask(new ApiVersionsRequest.Builder().build((short) 3), ApiVersionsResponse.class);
            if (versions.data().errorCode() != Errors.NONE.code()) return false;
            return brokers(connection).stream().anyMatch(broker -> broker.port() == node.port());
        } catch (IOException e) {
            return false; // Not there yet; the caller decides how long to wait.
        }
    }

    private static Collection<org.apache.kafka.common.Node> brokers(WireConnection connection) throws IOException {
        MetadataRequest noTopics = new MetadataRequest.Builder(List.<String>of(), false).build((short) 9);
        return connection.ask(noTopics, MetadataResponse.class).brokers();
    }

    /// How many brokers this one names; 0 while it does not answer.
    static int brokersNamed(Node node) {
        try (WireConnection connection = new WireConnection(node, TIMEOUT_MS)) {
            return brokers(connection).size();
        } catch (IOException e) {
            return 0;
        }
    }
}
