package dev.tidemark.client.admin;

import dev.tidemark.client.network.Call;
import dev.tidemark.protocol.message.DescribeConfigsRequest;
import dev.tidemark.protocol.message.DescribeConfigsResponse;
import dev.tidemark.protocol.message.IncrementalAlterConfigsRequest;
import dev.tidemark.protocol.message.IncrementalAlterConfigsResponse;
import dev.tidemark.protocol.message.Response;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Settings of topics, brokers and groups.
public final class ConfigAdmin {
    private final AdminCalls calls;

    ConfigAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /// What has settings, with its number on the wire.
    public enum ResourceType {
        TOPIC(2),
        BROKER(4),
        GROUP(32);

        private final byte code;

        ResourceType(int code) {
            this.code = (byte) code;
        }

        static ResourceType forCode(byte code) {
            for (ResourceType type : values()) if (type.code == code) return type;
            throw new IllegalArgumentException("resource type " + code);
        }
    }

    /// @param name of the topic or group; a broker's id, or empty for the default of all brokers
    public record Resource(ResourceType type, String name) {
        /// As people say it: `topic flights`, `broker 1`, `all brokers`.
        @Override
        public String toString() {
            if (type == ResourceType.BROKER && name.isEmpty()) return "all brokers";
            return type.name().toLowerCase(Locale.ROOT) + " " + name;
        }
    }

    /// Where a value comes from.
    public enum Source {
        UNKNOWN,
        TOPIC,
        DYNAMIC_BROKER,
        DYNAMIC_DEFAULT_BROKER,
        STATIC_BROKER,
        DEFAULT,
        DYNAMIC_BROKER_LOGGER,
        CLIENT_METRICS,
        GROUP;

        static Source forCode(byte code) {
            return code > 0 && code < values().length ? values()[code] : UNKNOWN;
        }
    }

    /// @param value null where it is a secret or has none
    public record Entry(
            String name,
            @Nullable String value,
            Source source,
            boolean isReadOnly,
            boolean isSensitive,
            @Nullable String documentation) {}

    /// @param value null to take the setting away
    public record Change(String name, @Nullable String value) {}

    /// @param withDocumentation asks for a text about each setting
    public Map<Resource, Result<List<Entry>>> describe(Collection<Resource> resources, boolean withDocumentation)
            throws InterruptedException {
        DescribeConfigsRequest request = DescribeConfigsRequest.builder()
                .resources(resources.stream()
                        .map(resource -> DescribeConfigsRequest.DescribeConfigsResource.builder()
                                .resourceType(resource.type().code)
                                .resourceName(resource.name())
                                .configurationKeys(null)
                                .build())
                        .toList())
                .includeDocumentation(withDocumentation)
                .build();
        // Versions before 3 have no documentation and would refuse to be asked for it.
        var oldForm = request.toBuilder().includeDocumentation(false).build();
        DescribeConfigsResponse response = askOwner(
                resources,
                calls.call(request, DescribeConfigsResponse.class)
                        .withBody(version -> version >= 3 ? request : oldForm));
        Map<Resource, Result<List<Entry>>> results = new LinkedHashMap<>();
        for (var result : response.results()) {
            Resource resource = new Resource(ResourceType.forCode(result.resourceType()), result.resourceName());
            List<Entry> entries =
                    result.configs().stream().map(ConfigAdmin::toEntry).toList();
            results.put(resource, Result.of(result.errorCode(), result.errorMessage(), entries));
        }
        return results;
    }

    private static Entry toEntry(DescribeConfigsResponse.DescribeConfigsResourceResult config) {
        return new Entry(
                config.name(),
                config.value(),
                Source.forCode(config.configSource()),
                config.readOnly(),
                config.isSensitive(),
                config.documentation());
    }

    /// Changes these settings and leaves the others. The value of a success is the number of changes.
    public Map<Resource, Result<Integer>> alter(Map<Resource, List<Change>> changes, boolean validateOnly)
            throws InterruptedException {
        IncrementalAlterConfigsRequest request = IncrementalAlterConfigsRequest.builder()
                .resources(changes.entrySet().stream()
                        .map(each -> IncrementalAlterConfigsRequest.AlterConfigsResource.builder()
                                .resourceType(each.getKey().type().code)
                                .resourceName(each.getKey().name())
                                .configs(each.getValue().stream()
                                        .map(ConfigAdmin::toAlterable)
                                        .toList())
                                .build())
                        .toList())
                .validateOnly(validateOnly)
                .build();
        IncrementalAlterConfigsResponse response =
                askOwner(changes.keySet(), calls.call(request, IncrementalAlterConfigsResponse.class));
        Map<Resource, Result<Integer>> results = new LinkedHashMap<>();
        for (var result : response.responses()) {
            Resource resource = new Resource(ResourceType.forCode(result.resourceType()), result.resourceName());
            int count = changes.getOrDefault(resource, List.of()).size();
            results.put(resource, Result.of(result.errorCode(), result.errorMessage(), count));
        }
        return results;
    }

    private static IncrementalAlterConfigsRequest.AlterableConfig toAlterable(Change change) {
        byte set = 0;
        byte delete = 1;
        return IncrementalAlterConfigsRequest.AlterableConfig.builder()
                .name(change.name())
                .configOperation(change.value() == null ? delete : set)
                .value(change.value())
                .build();
    }

    /// A broker alone knows its own settings; anyone knows the rest.
    private <R extends Response> R askOwner(Collection<Resource> resources, Call<R> call) throws InterruptedException {
        for (Resource resource : resources) {
            if (resource.type() != ResourceType.BROKER || resource.name().isEmpty()) continue;
            for (var node : calls.nodes())
                if (String.valueOf(node.id()).equals(resource.name())) return calls.node(node, call);
        }
        return calls.any(call);
    }
}
