package dev.tidemark.broker.handler;

import dev.tidemark.broker.cluster.ClusterView;
import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.DescribeClusterRequest;
import dev.tidemark.protocol.message.DescribeClusterResponse;
import dev.tidemark.protocol.message.DescribeClusterResponse.DescribeClusterBroker;
import java.util.List;

/// DescribeCluster 0-2. Controllers are brokers here, so that asking for the controllers' endpoints (KIP-919) on a
/// broker is refused as Kafka's brokers refuse it.
public final class DescribeClusterHandler implements Handler<DescribeClusterRequest> {
    private static final byte BROKERS = 1;

    private final ClusterView cluster;

    public DescribeClusterHandler(ClusterView cluster) {
        this.cluster = cluster;
    }

    @Override
    public ApiKey api() {
        return ApiKey.DESCRIBE_CLUSTER;
    }

    @Override
    public Class<DescribeClusterRequest> requestType() {
        return DescribeClusterRequest.class;
    }

    @Override
    public void handle(DescribeClusterRequest request, Call call) {
        if (request.endpointType() != BROKERS) {
            call.reply(DescribeClusterResponse.builder()
                    .errorCode(ErrorCode.MISMATCHED_ENDPOINT_TYPE.code())
                    .errorMessage("This listener serves brokers' endpoints only (endpoint type 1, asked for "
                            + request.endpointType() + ").")
                    .build());
            return;
        }
        List<DescribeClusterBroker> brokers = cluster.brokers(call.listener()).stream()
                .map(reachable -> DescribeClusterBroker.builder()
                        .brokerId(reachable.broker().id())
                        .host(reachable.endpoint().host())
                        .port(reachable.endpoint().port())
                        .rack(reachable.broker().rack())
                        .build())
                .toList();
        call.reply(DescribeClusterResponse.builder()
                .clusterId(cluster.image().clusterId())
                .controllerId(cluster.image().controller().brokerId())
                .endpointType(BROKERS)
                .brokers(brokers)
                .clusterAuthorizedOperations(
                        request.includeClusterAuthorizedOperations()
                                ? AuthorizedOperations.CLUSTER
                                : AuthorizedOperations.NOT_ASKED)
                .build());
    }
}
