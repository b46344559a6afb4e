package dev.tidemark.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnsembleAddressesTest {
    @Test
    void membersHaveThreePorts() {
        Ensemble ensemble = Ensemble.parse(List.of("1@a:2181:2888:3888", "2@[::1]:2182:2889:3889", "3@c:1:2:3"));

        assertThat(ensemble.connectString()).isEqualTo("a:2181,[::1]:2182,c:1");
        assertThat(ensemble.member(2)).contains(new Ensemble.Member(2, "::1", 2182, 2889, 3889));
        assertThat(ensemble.member(4)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1@a:1:2|is not of the form",
                "1@a:1:2:70000|a port that is not between",
                "300@a:1:2:3|an id above 255",
                "1@a:1:2:3,1@b:1:2:3,2@c:1:2:3|the id 1 comes twice",
                "1@a:1:2:3,2@b:1:2:3|an odd number"
            })
    void whatIsWrongIsTold(String text, String message) {
        assertThatThrownBy(() -> Ensemble.parse(List.of(text.split(","))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aListOfHostsMayLeaveThePortOut() {
        assertThat(ConnectString.addresses("a,b:2182,[::1]:2183"))
                .extracting(address -> address.getHostString() + " " + address.getPort())
                .containsExactly("a 2181", "b 2182", "::1 2183");
    }
}
