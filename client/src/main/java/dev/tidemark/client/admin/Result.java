package dev.tidemark.client.admin;

import dev.tidemark.client.BrokerErrorException;
import dev.tidemark.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/// What became of one topic, partition or group among those of a call: the others may have fared differently.
public sealed interface Result<T> {
    record Ok<T>(T value) implements Result<T> {}

    /// @param message the broker's own words where it had some
    record Failed<T>(ErrorCode error, String message) implements Result<T> {}

    static <T> Result<T> failed(ErrorCode error, @Nullable String message) {
        return new Failed<>(error, message == null || message.isBlank() ? error.defaultMessage() : message);
    }

    /// `value`, or the failure where `error` is one.
    static <T> Result<T> of(ErrorCode error, @Nullable String message, T value) {
        return error == ErrorCode.NONE ? new Ok<>(value) : failed(error, message);
    }

    static <T> Result<T> of(short error, @Nullable String message, T value) {
        return of(ErrorCode.forCode(error), message, value);
    }

    default boolean isOk() {
        return this instanceof Ok;
    }

    /// [ErrorCode#NONE] where it went well.
    default ErrorCode error() {
        return this instanceof Failed<T>(var error, var _) ? error : ErrorCode.NONE;
    }

    /// @throws BrokerErrorException where it failed
    default T orThrow() {
        return switch (this) {
            case Ok<T>(T value) -> value;
            case Failed<T>(ErrorCode error, String message) -> throw new BrokerErrorException(error, message);
        };
    }
}
