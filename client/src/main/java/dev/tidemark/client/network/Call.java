package dev.tidemark.client.network;

import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import java.util.function.IntFunction;

/// A request to be: its body is made when the version is known.
///
/// @param lowestVersion the lowest version that can carry what the caller needs
/// @param highestVersion the highest version that the caller can fill
/// @param body makes the request of a version; may run on another thread
/// @param isAnswered false only for a produce with acks=0
public record Call<R extends Response>(
        ApiKey api,
        int lowestVersion,
        int highestVersion,
        IntFunction<? extends Request> body,
        Class<R> responseType,
        int timeoutMs,
        boolean isAnswered) {

    /// In any stable version.
    public static <R extends Response> Call<R> of(Request request, Class<R> responseType, int timeoutMs) {
        ApiKey api = request.apiKey();
        return new Call<>(
                api, api.lowestVersion(), api.highestVersion(), version -> request, responseType, timeoutMs, true);
    }

    /// In the versions from `lowestVersion` on.
    public static <R extends Response> Call<R> from(
            int lowestVersion, Request request, Class<R> responseType, int timeoutMs) {
        ApiKey api = request.apiKey();
        return new Call<>(api, lowestVersion, api.highestVersion(), version -> request, responseType, timeoutMs, true);
    }

    /// The same with a body that depends on the version.
    public Call<R> withBody(IntFunction<? extends Request> body) {
        return new Call<>(api, lowestVersion, highestVersion, body, responseType, timeoutMs, isAnswered);
    }

    /// The same in no higher version.
    public Call<R> upTo(int highestVersion) {
        return new Call<>(api, lowestVersion, highestVersion, body, responseType, timeoutMs, isAnswered);
    }
}
