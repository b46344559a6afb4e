package dev.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class BrokerAddressTest {
    @Test
    void readsHostsWithAndWithoutPort() {
        assertThat(BrokerAddress.parse("localhost:9093")).isEqualTo(new BrokerAddress("localhost", 9093));
        assertThat(BrokerAddress.parse(" broker ")).isEqualTo(new BrokerAddress("broker", 9092));
        assertThat(BrokerAddress.parse("PLAINTEXT://h:1")).isEqualTo(new BrokerAddress("h", 1));
    }

    @Test
    void readsIpv6() {
        assertThat(BrokerAddress.parse("[::1]:9095")).isEqualTo(new BrokerAddress("::1", 9095));
        assertThat(BrokerAddress.parse("::1")).isEqualTo(new BrokerAddress("::1", 9092));
        assertThat(BrokerAddress.parse("[::1]:9095")).hasToString("[::1]:9095");
    }

    @Test
    void readsLists() {
        assertThat(BrokerAddress.parseList("a:1, b:2,"))
                .containsExactly(new BrokerAddress("a", 1), new BrokerAddress("b", 2));
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> BrokerAddress.parse("host:99999")).hasMessageContaining("port between 1 and 65535");
        assertThatThrownBy(() -> BrokerAddress.parse("host:")).hasMessageContaining("port");
        assertThatThrownBy(() -> BrokerAddress.parse(":9092")).hasMessageContaining("no host");
        assertThatThrownBy(() -> BrokerAddress.parse("[::1")).hasMessageContaining("]");
        assertThatThrownBy(() -> BrokerAddress.parseList(" , ")).hasMessageContaining("no broker");
    }
}
