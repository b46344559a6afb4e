package dev.tidemark.broker.admin;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ConfigResource;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ListConfigResourcesRequest;
import dev.tidemark.protocol.message.ListConfigResourcesResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// ListConfigResources 0-1 (KIP-1142): the topics, brokers, groups and client metrics that can have configs; only
/// client metrics in version 0, all types in version 1 where none is named.
public final class ListConfigResourcesHandler implements Handler<ListConfigResourcesRequest> {
    private final ClusterView cluster;

    public ListConfigResourcesHandler(ClusterView cluster) {
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.LIST_CONFIG_RESOURCES;
    }

    @Override
    public Class<ListConfigResourcesRequest> requestType() {
        return ListConfigResourcesRequest.class;
    }

    @Override
    public void handle(ListConfigResourcesRequest request, Call call) {
        List<ConfigResource.Type> types = new ArrayList<>();
        for (byte asked : typesOf(request, call.version())) {
            Optional<ConfigResource.Type> type = ConfigResource.Type.forId(asked);
            if (type.isEmpty()) {
                call.reply(ListConfigResourcesResponse.builder()
                        .errorCode(ErrorCode.UNSUPPORTED_VERSION.code())
                        .build());
                return;
            }
            types.add(type.get());
        }
        List<ListConfigResourcesResponse.ConfigResource> found = new ArrayList<>();
        for (ConfigResource.Type type : types) {
            for (String name : names(type)) {
                found.add(new ListConfigResourcesResponse.ConfigResource(name, (byte) type.id()));
            }
        }
        call.reply(ListConfigResourcesResponse.builder().configResources(found).build());
    }

    private static Collection<Byte> typesOf(ListConfigResourcesRequest request, short version) {
        if (version == 0) return List.of((byte) ConfigResource.Type.CLIENT_METRICS.id());
        if (!request.resourceTypes().isEmpty()) return Set.copyOf(request.resourceTypes());
        List<Byte> all = new ArrayList<>();
        for (ConfigResource.Type type : ConfigResource.Type.values()) all.add((byte) type.id());
        return all;
    }

    private Collection<String> names(ConfigResource.Type type) {
        ClusterImage image = cluster.image();
        return switch (type) {
            case TOPIC -> image.topics().byName().keySet();
            case BROKER ->
                image.brokers().keySet().stream().map(String::valueOf).toList();
            case GROUP, CLIENT_METRICS ->
                image.configs().byResource().keySet().stream()
                        .filter(resource -> resource.type() == type)
                        .map(ConfigResource::name)
                        .collect(Collectors.toList());
        };
    }
}
