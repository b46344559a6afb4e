package dev.tidemark.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/// Our tables of APIs and error codes are Apache Kafka's.
class ProtocolTablesTest {
    @Test
    void apis() {
        int served = 0;
        for (ApiMessageType kafkas : ApiMessageType.values()) {
            ApiKey ours = ApiKey.forId(kafkas.apiKey());
            if (kafkas.lowestSupportedVersion() > kafkas.highestSupportedVersion(true)) {
                assertThat(ours).as(kafkas.name()).isNull();
                continue;
            }
            served++;
            assertThat(ours).isNotNull();
            assertThat(ours.name()).isEqualTo(kafkas.name());
            assertThat(ours.lowestVersion()).isEqualTo(kafkas.lowestSupportedVersion());
            assertThat(ours.highestVersion()).isEqualTo(kafkas.highestSupportedVersion(false));
            assertThat(ours.highestUnstableVersion()).isEqualTo(kafkas.highestSupportedVersion(true));
            for (short version = ours.lowestVersion(); version <= ours.highestUnstableVersion(); version++) {
                assertThat(ours.requestHeaderVersion(version)).isEqualTo(kafkas.requestHeaderVersion(version));
                assertThat(ours.responseHeaderVersion(version)).isEqualTo(kafkas.responseHeaderVersion(version));
            }
        }
        assertThat(ApiKey.values()).hasSize(served);
        assertThat(ApiKey.forId(-1)).isNull();
        assertThat(ApiKey.forId(Short.MAX_VALUE)).isNull();
    }

    @Test
    void errorCodes() {
        for (Errors kafkas : Errors.values()) {
            ErrorCode ours = ErrorCode.forCode(kafkas.code());
            assertThat(ours.name()).isEqualTo(kafkas.name());
            assertThat(ours.code()).isEqualTo(kafkas.code());
            assertThat(ours.isRetriable()).as(ours.name()).isEqualTo(kafkas.exception() instanceof RetriableException);
            assertThat(ours.defaultMessage()).isNotBlank();
        }
        assertThat(ErrorCode.values()).hasSize(Errors.values().length);
        assertThat(ErrorCode.forCode(-2)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
        assertThat(ErrorCode.forCode(30_000)).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    }
}
