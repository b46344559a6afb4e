package dev.tidemark.client.network;

import dev.tidemark.client.BrokerAddress;
import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/// The versions that a broker speaks, as it told when the connection was made.
final class Versions {
    private record Range(short lowest, short highest) {}

    private static final String SOFTWARE = "tidemark";
    private static final String SOFTWARE_VERSION = "0.1";

    private final Map<Short, Range> ranges = new HashMap<>();

    private Versions(ApiVersionsResponse response) {
        for (ApiVersionsResponse.ApiVersion api : response.apiKeys())
            ranges.put(api.apiKey(), new Range(api.minVersion(), api.maxVersion()));
    }

    /// Asks in the highest version that we know; a broker that does not know it answers in version 0, and is asked
    /// again in that.
    static Versions ask(FrameChannel channel) throws IOException {
        ApiVersionsResponse response = ask(channel, ApiKey.API_VERSIONS.highestVersion());
        if (response.errorCode() == ErrorCode.UNSUPPORTED_VERSION.code()) response = ask(channel, (short) 0);
        if (response.errorCode() != ErrorCode.NONE.code())
            throw new MalformedException("the versions were refused: " + ErrorCode.forCode(response.errorCode()));
        return new Versions(response);
    }

    private static ApiVersionsResponse ask(FrameChannel channel, short version) throws IOException {
        ApiVersionsRequest request = ApiVersionsRequest.builder()
                .clientSoftwareName(SOFTWARE)
                .clientSoftwareVersion(SOFTWARE_VERSION)
                .build();
        Call<ApiVersionsResponse> call = Call.of(request, ApiVersionsResponse.class, 0);
        channel.write(RequestFrame.of(call, version, -1, SOFTWARE));
        ByteBuffer frame = channel.read();
        short error = frame.remaining() >= 6 ? frame.getShort(frame.position() + 4) : 0;
        short answered = error == ErrorCode.UNSUPPORTED_VERSION.code() ? 0 : version;
        return (ApiVersionsResponse) ResponseFrame.decode(frame, ApiKey.API_VERSIONS, answered, -1);
    }

    /// The highest version that the broker, this build and the call have in common.
    short choose(Call<?> call, BrokerAddress address) {
        Range range = ranges.get(call.api().id());
        if (range == null) throw unsupported(call.api() + " is not known to this broker", address);
        int highest = Math.min(range.highest(), call.highestVersion());
        int lowest = Math.max(range.lowest(), call.lowestVersion());
        if (highest >= lowest) return (short) highest;
        throw unsupported(
                call.api() + " is needed in version " + call.lowestVersion() + " to " + call.highestVersion()
                        + ", but the broker has " + range.lowest() + " to " + range.highest(),
                address);
    }

    static BrokerErrorException unsupported(Exception refused, BrokerAddress address) {
        return unsupported(String.valueOf(refused.getMessage()), address);
    }

    private static BrokerErrorException unsupported(String why, BrokerAddress address) {
        return new BrokerErrorException(ErrorCode.UNSUPPORTED_VERSION, address + ": " + why);
    }
}
