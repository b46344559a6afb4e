package dev.tidemark.broker.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.ManualLoop;
import dev.tidemark.broker.TestTransport;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.metadata.image.BrokerEndpoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NotingTransportTest {
    private final ManualLoop loop = new ManualLoop();
    private final TestTransport beneath = new TestTransport();
    private final List<String> noted = new ArrayList<>();
    private final PeerTransport transport = new NotingTransport(beneath, new NotingTransport.Notes() {
        @Override
        public void onRefused(int nodeId) {
            noted.add("refused by " + nodeId);
        }

        @Override
        public void onConnected(int nodeId) {
            noted.add("connected to " + nodeId);
        }
    });

    private void end(Reason reason) {
        List<Reason> heard = new ArrayList<>();
        transport.connect(
                2,
                new BrokerEndpoint("INNER", "127.0.0.1", 9_002, "PLAINTEXT"),
                "broker-1",
                loop,
                new PeerConnection.Listener() {
                    @Override
                    public void onEnded(PeerException why) {
                        heard.add(why.reason());
                    }
                });
        beneath.last().ended(reason);
        loop.settle();
        assertThat(heard).containsExactly(reason);
    }

    @Test
    void onlyARefusalIsNotedAsOne() {
        end(Reason.UNREACHABLE);
        end(Reason.CLOSED);
        assertThat(noted).isEmpty();

        end(Reason.REFUSED);
        assertThat(noted).containsExactly("refused by 2");
    }

    @Test
    void aConnectionThatStandsIsNoted() {
        transport.connect(
                2,
                new BrokerEndpoint("INNER", "127.0.0.1", 9_002, "PLAINTEXT"),
                "broker-1",
                loop,
                PeerConnection.NO_LISTENER);
        beneath.last().connected();
        loop.settle();

        assertThat(noted).containsExactly("connected to 2");
    }
}
