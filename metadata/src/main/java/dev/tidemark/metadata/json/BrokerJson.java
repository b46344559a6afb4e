package dev.tidemark.metadata.json;

import dev.tidemark.base.Bytes;
import dev.tidemark.base.Uuid;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.FeatureRange;
import dev.tidemark.metadata.image.OfflineReplicas;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// `/brokers/ids/N`, version 5. Some fields are our own: `"stopped_cleanly":false` where the broker lost what its disk
/// had not got, `"shutting_down":true`, and of the replicas that cannot work either `"all_replicas_offline":true` or
/// `"offline_replicas":{"<topic id>":[0,1]}`; others skip them.
public final class BrokerJson {
    private static final String PLAINTEXT = "PLAINTEXT";

    private BrokerJson() {}

    public static Bytes write(BrokerRegistration broker, long timestampMs) {
        List<BrokerEndpoint> endpoints = broker.endpoints();
        BrokerEndpoint plain = endpoints.stream()
                .filter(e -> e.securityProtocol().equals(PLAINTEXT))
                .findFirst()
                .orElse(null);
        JsonText json = new JsonText().open().open("features");
        broker.features()
                .forEach((name, range) -> json.open(name)
                        .field("min_version", range.minVersion())
                        .field("max_version", range.maxVersion())
                        .close());
        json.close().open("listener_security_protocol_map");
        endpoints.forEach(e -> json.field(e.listener(), e.securityProtocol()));
        json.close()
                .texts(
                        "endpoints",
                        endpoints.stream().map(BrokerEndpoint::connectionString).toList())
                .field("jmx_port", -1)
                .field("port", plain == null ? -1 : plain.port())
                .field("host", plain == null ? null : plain.host())
                .field("version", 5)
                .field("timestamp", Long.toString(timestampMs));
        if (broker.rack() != null) json.field("rack", broker.rack());
        if (!broker.stoppedCleanly()) json.field("stopped_cleanly", false);
        if (broker.shuttingDown()) json.field("shutting_down", true);
        if (broker.offline().all()) json.field("all_replicas_offline", true);
        else if (!broker.offline().isEmpty()) {
            json.open("offline_replicas");
            broker.offline().byTopic().forEach((topic, partitions) -> json.numbers(topic.toString(), partitions));
            json.close();
        }
        return json.close().toBytes();
    }

    /// Versions from 1 on, also newer ones: they only add fields.
    ///
    /// @param epoch the creation zxid of the znode
    public static Parsed<BrokerRegistration> parse(int id, long epoch, Bytes data) {
        return Parsed.ofObject(data, json -> {
            int version = json.version(Integer.MAX_VALUE);
            return new BrokerRegistration(
                    id,
                    epoch,
                    version == 1 ? List.of(firstVersionEndpoint(json)) : endpoints(json),
                    json.optionalText("rack").orElse(null),
                    features(json.object("features")),
                    json.flag("stopped_cleanly", true),
                    json.flag("shutting_down", false),
                    json.flag("all_replicas_offline", false) ? OfflineReplicas.ALL : offline(json));
        });
    }

    private static BrokerEndpoint firstVersionEndpoint(JsonObject json) {
        return new BrokerEndpoint(PLAINTEXT, json.text("host"), json.number("port", 1, 65_535), PLAINTEXT);
    }

    private static List<BrokerEndpoint> endpoints(JsonObject json) {
        JsonObject protocols = json.object("listener_security_protocol_map");
        List<BrokerEndpoint> endpoints = new ArrayList<>();
        for (Object element : json.array("endpoints")) {
            if (!(element instanceof String text)) throw new MalformedJsonException("an endpoint is not a string");
            endpoints.add(endpoint(text, protocols));
        }
        return List.copyOf(endpoints);
    }

    private static BrokerEndpoint endpoint(String text, JsonObject protocols) {
        int listenerEnd = text.indexOf("://");
        int hostEnd = text.lastIndexOf(':');
        if (listenerEnd <= 0 || hostEnd < listenerEnd + 3) {
            throw new MalformedJsonException("endpoint is not LISTENER://host:port");
        }
        String listener = text.substring(0, listenerEnd);
        String host = text.substring(listenerEnd + 3, hostEnd);
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        int port = Znodes.nodeNumber(text.substring(hostEnd + 1))
                .filter(p -> p <= 65_535)
                .orElseThrow(() -> new MalformedJsonException("an endpoint's port is not a port"));
        return new BrokerEndpoint(
                listener, host, port, protocols.optionalText(listener).orElse(listener));
    }

    private static OfflineReplicas offline(JsonObject json) {
        JsonObject topics = json.object("offline_replicas");
        SortedMap<Uuid, List<Integer>> byTopic = new TreeMap<>();
        for (String id : topics.names()) {
            try {
                byTopic.put(Uuid.parse(id), topics.numbers(id));
            } catch (IllegalArgumentException notOne) {
                throw new MalformedJsonException("'offline_replicas' names something that is not a topic's id");
            }
        }
        return byTopic.isEmpty() ? OfflineReplicas.NONE : new OfflineReplicas(false, byTopic);
    }

    private static SortedMap<String, FeatureRange> features(JsonObject json) {
        SortedMap<String, FeatureRange> features = new TreeMap<>();
        for (String name : json.names()) {
            JsonObject range = json.object(name);
            int min = range.number("min_version", 0, Short.MAX_VALUE);
            features.put(name, new FeatureRange(min, range.number("max_version", min, Short.MAX_VALUE)));
        }
        return features;
    }
}
