package dev.tidemark.network;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.ApiVersionsResponse.ApiVersion;
import java.util.EnumMap;

/// Which versions of each API this build and a peer have in common.
final class PeerVersions {
    private record Range(short lowest, short highest) {}

    private final EnumMap<ApiKey, Range> ranges = new EnumMap<>(ApiKey.class);

    PeerVersions(ApiVersionsResponse told) {
        for (ApiVersion range : told.apiKeys()) {
            ApiKey api = ApiKey.forId(range.apiKey());
            if (api == null) continue;
            int lowest = Math.max(range.minVersion(), api.lowestVersion());
            int highest = Math.min(range.maxVersion(), api.highestVersion());
            ranges.put(api, new Range((short) lowest, (short) highest));
        }
    }

    /// The highest common version that is not above `cap`, or a negative number if there is none.
    short choose(ApiKey api, short cap) {
        Range range = ranges.get(api);
        if (range == null) return -1;
        int version = Math.min(range.highest(), cap);
        return (short) (version >= range.lowest() ? version : -1);
    }
}
