package dev.tidemark.broker.handler;

import dev.tidemark.broker.dispatch.Call;
import dev.tidemark.broker.dispatch.Dispatcher.ApiVersionsTable;
import dev.tidemark.broker.dispatch.Handler;
import dev.tidemark.broker.dispatch.Handlers;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.ApiVersionsResponse.ApiVersion;
import dev.tidemark.protocol.message.ApiVersionsResponse.FinalizedFeatureKey;
import dev.tidemark.protocol.message.ApiVersionsResponse.SupportedFeatureKey;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// ApiVersions 0-5: what is served on this listener, exactly, with one exception that clients need: Produce is
/// advertised from version 0, though below 3 it is refused, because librdkafka takes a missing version 0 for a broker
/// without message formats that it can use (KAFKA-18659).
///
/// From version 5 on (KIP-1242) a client may say whom it means to reach: another cluster or node than this one is
/// answered with REBOOTSTRAP_REQUIRED.
public final class ApiVersionsHandler implements Handler<ApiVersionsRequest>, ApiVersionsTable {
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");
    private static final short FEATURES_MAY_START_AT_ZERO = 4; // KAFKA-17011

    /// A finalized feature: its name, the levels that this broker knows, and the level in force.
    public record Feature(String name, short lowestLevel, short highestLevel, short level) {}

    /// Who this broker is, for the check of KIP-1242.
    public record Identity(String clusterId, int nodeId) {}

    private final Supplier<Handlers> handlers;
    private final Supplier<List<Feature>> features;
    private final Supplier<Identity> identity;

    public ApiVersionsHandler(
            Supplier<Handlers> handlers, Supplier<List<Feature>> features, Supplier<Identity> identity) {
        this.handlers = handlers;
        this.features = features;
        this.identity = identity;
    }

    @Override
    public ApiKey api() {
        return ApiKey.API_VERSIONS;
    }

    @Override
    public Class<ApiVersionsRequest> requestType() {
        return ApiVersionsRequest.class;
    }

    @Override
    public void handle(ApiVersionsRequest request, Call call) {
        call.reply(answer(request, call.version(), call.listener()));
    }

    @Override
    public ApiVersionsResponse unsupportedVersion() {
        return failed(ErrorCode.UNSUPPORTED_VERSION).toBuilder()
                .apiKeys(List.of(new ApiVersion(ApiKey.API_VERSIONS.id(), lowestVersion(), highestVersion())))
                .build();
    }

    @Override
    public ApiVersionsResponse answer(ApiVersionsRequest request, short version, String listener) {
        if (version >= 3 && !(isName(request.clientSoftwareName()) && isName(request.clientSoftwareVersion()))) {
            return failed(ErrorCode.INVALID_REQUEST);
        }
        if (version >= 5 && !isMeantForThisBroker(request)) return failed(ErrorCode.REBOOTSTRAP_REQUIRED);
        ApiVersionsResponse.Builder answer = ApiVersionsResponse.builder().apiKeys(served(listener));
        if (version >= 3) addFeatures(answer, version);
        return answer.build();
    }

    private static ApiVersionsResponse failed(ErrorCode error) {
        return ApiVersionsResponse.builder().errorCode(error.code()).build();
    }

    private static boolean isName(String text) {
        return SOFTWARE.matcher(text).matches();
    }

    private boolean isMeantForThisBroker(ApiVersionsRequest request) {
        Identity self = identity.get();
        boolean sameCluster = request.clusterId() == null || request.clusterId().equals(self.clusterId());
        return sameCluster && (request.nodeId() == -1 || request.nodeId() == self.nodeId());
    }

    private List<ApiVersion> served(String listener) {
        List<ApiVersion> served = new ArrayList<>();
        for (Handler<?> handler : handlers.get().all(listener)) {
            short lowest = handler.api() == ApiKey.PRODUCE ? 0 : handler.lowestVersion();
            served.add(new ApiVersion(handler.api().id(), lowest, handler.highestVersion()));
        }
        return served;
    }

    private void addFeatures(ApiVersionsResponse.Builder answer, short version) {
        List<SupportedFeatureKey> supported = new ArrayList<>();
        List<FinalizedFeatureKey> inForce = new ArrayList<>();
        for (Feature feature : features.get()) {
            if (version >= FEATURES_MAY_START_AT_ZERO || feature.lowestLevel() > 0) {
                supported.add(new SupportedFeatureKey(feature.name(), feature.lowestLevel(), feature.highestLevel()));
            }
            if (feature.level() > 0) {
                inForce.add(new FinalizedFeatureKey(feature.name(), feature.level(), feature.level()));
            }
        }
        answer.supportedFeatures(supported).finalizedFeatures(inForce).finalizedFeaturesEpoch(0);
    }
}
