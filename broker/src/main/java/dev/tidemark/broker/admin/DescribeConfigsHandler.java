package dev.tidemark.broker.admin;

import dev.tidemark.base.config.BrokerConfigs;
import dev.tidemark.base.config.ConfigDefinition;
import dev.tidemark.base.config.ConfigSource;
import dev.tidemark.base.config.ConfigValues;
import dev.tidemark.base.config.ConfigValues.Described;
import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.config.BrokerConfiguration;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeConfigsRequest;
import dev.tidemark.protocol.message.DescribeConfigsRequest.DescribeConfigsResource;
import dev.tidemark.protocol.message.DescribeConfigsResponse;
import dev.tidemark.protocol.message.DescribeConfigsResponse.DescribeConfigsResourceResult;
import dev.tidemark.protocol.message.DescribeConfigsResponse.DescribeConfigsResult;
import dev.tidemark.protocol.message.DescribeConfigsResponse.DescribeConfigsSynonym;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// DescribeConfigs 1-4: topics, this broker, the cluster-wide defaults (a broker without a name) and groups; each value
/// with its source, and on request its synonyms and documentation. Secrets come without their value.
public final class DescribeConfigsHandler implements Handler<DescribeConfigsRequest> {
    private final ClusterView cluster;
    private final BrokerConfiguration configuration;

    public DescribeConfigsHandler(ClusterView cluster, BrokerConfiguration configuration) {
        this.cluster = cluster;
        this.configuration = configuration;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_CONFIGS;
    }

    @Override
    public Class<DescribeConfigsRequest> requestType() {
        return DescribeConfigsRequest.class;
    }

    @Override
    public void handle(DescribeConfigsRequest request, Call call) {
        List<DescribeConfigsResult> results = request.resources().stream()
                .map(resource -> describe(resource, request))
                .toList();
        call.reply(DescribeConfigsResponse.builder().results(results).build());
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        Optional<ConfigResource.Type> type = ConfigResource.Type.forId(resource.resourceType());
        if (type.isEmpty()) {
            return failed(
                    resource,
                    ErrorCode.INVALID_REQUEST,
                    "there are no resources of type " + resource.resourceType() + " with configs");
        }
        return switch (type.get()) {
            case TOPIC -> describeTopic(resource, request);
            case BROKER -> describeBroker(resource, request);
            case GROUP -> described(resource, request, configuration.group(resource.resourceName()));
            case CLIENT_METRICS -> described(resource, Stream.empty(), request);
        };
    }

    private DescribeConfigsResult describeTopic(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        String name = resource.resourceName();
        if (cluster.image().topics().topic(name).isEmpty()) {
            return failed(resource, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic '" + name + "'");
        }
        return described(resource, request, configuration.topic(name));
    }

    private DescribeConfigsResult describeBroker(DescribeConfigsResource resource, DescribeConfigsRequest request) {
        String name = resource.resourceName();
        if (name.isEmpty()) return describeClusterDefault(resource, request);
        if (name.equals(Integer.toString(cluster.nodeId()))) {
            return described(resource, request, configuration.broker());
        }
        return failed(
                resource,
                ErrorCode.INVALID_REQUEST,
                "broker " + cluster.nodeId() + " was asked for the configs of broker '" + name
                        + "': ask that broker itself");
    }

    /// What was set for all brokers; not what stands in anyone's file.
    private DescribeConfigsResult describeClusterDefault(
            DescribeConfigsResource resource, DescribeConfigsRequest request) {
        Map<String, String> entries =
                cluster.image().configs().of(ConfigResource.DEFAULT_BROKER).entries();
        ConfigDefinition definition = BrokerConfigs.DEFINITION;
        ConfigValues values = ConfigValues.of(
                definition,
                List.of(new ConfigValues.Layer(ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG, entries)),
                bad -> {});
        Stream<Described> set =
                entries.keySet().stream().flatMap(key -> values.describe(key, request.includeSynonyms()).stream());
        return described(resource, set, request);
    }

    private static DescribeConfigsResult described(
            DescribeConfigsResource resource, DescribeConfigsRequest request, ConfigValues values) {
        return described(resource, values.describeAll(request.includeSynonyms()).stream(), request);
    }

    private static DescribeConfigsResult described(
            DescribeConfigsResource resource, Stream<Described> configs, DescribeConfigsRequest request) {
        List<String> wanted = resource.configurationKeys();
        return DescribeConfigsResult.builder()
                .resourceType(resource.resourceType())
                .resourceName(resource.resourceName())
                .configs(configs.filter(config -> wanted == null || wanted.contains(config.name()))
                        .map(config -> result(config, request.includeDocumentation()))
                        .toList())
                .build();
    }

    private static DescribeConfigsResourceResult result(Described config, boolean withDocumentation) {
        return DescribeConfigsResourceResult.builder()
                .name(config.name())
                .value(config.value())
                .readOnly(config.isReadOnly())
                .configSource(config.source().wireId())
                .isSensitive(config.isSensitive())
                .synonyms(config.synonyms().stream()
                        .map(synonym -> new DescribeConfigsSynonym(
                                synonym.name(),
                                synonym.value(),
                                synonym.source().wireId()))
                        .toList())
                .configType(config.type().wireId())
                .documentation(withDocumentation ? config.documentation() : null)
                .build();
    }

    private static DescribeConfigsResult failed(DescribeConfigsResource resource, ErrorCode error, String message) {
        return DescribeConfigsResult.builder()
                .resourceType(resource.resourceType())
                .resourceName(resource.resourceName())
                .errorCode(error.code())
                .errorMessage(message)
                .build();
    }
}
