package dev.tidemark.broker.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.ManualLoop;
import dev.tidemark.broker.TestTransport;
import dev.tidemark.broker.TestTransport.Dialled;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.ControllerImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Who is taken for dead, and who is not.
final class LivenessWatchTest {
    private static final int SELF = 1;

    private final ManualLoop loop = new ManualLoop();
    private final TestTransport transport = new TestTransport();
    private final List<String> verdicts = new ArrayList<>();
    private final LivenessWatch watch = new LivenessWatch(SELF, "INNER", transport, new Noted(), loop);
    private ClusterImage image = ClusterImage.EMPTY;

    private final class Noted implements Verdicts {
        @Override
        public void onBrokerDead(int brokerId, long brokerEpoch) {
            verdicts.add("broker " + brokerId + " in epoch " + brokerEpoch);
        }

        @Override
        public void onControllerDead(int brokerId, int controllerEpoch) {
            verdicts.add("controller " + brokerId + " in epoch " + controllerEpoch);
        }
    }

    private void change(boolean isController, MetadataChange... changes) {
        image = image.apply(MetadataDelta.of(changes));
        watch.onImage(image, isController);
        loop.settle();
    }

    private static MetadataChange registered(int id, long epoch) {
        BrokerEndpoint endpoint = new BrokerEndpoint("INNER", "127.0.0.1", 9_000 + id, "PLAINTEXT");
        return new MetadataChange.BrokerRegistered(
                new BrokerRegistration(id, epoch, List.of(endpoint), null, new TreeMap<>(), true));
    }

    private static MetadataChange controller(int id, int epoch) {
        return new MetadataChange.ControllerChanged(new ControllerImage(id, epoch, epoch));
    }

    private void end(Dialled connection, Reason reason) {
        connection.ended(reason);
        loop.settle();
    }

    @Test
    void aBrokerThatRefusesTwiceIsDead() {
        change(true, registered(SELF, 10), registered(2, 20), controller(SELF, 1));
        assertThat(transport.dialled).hasSize(1);
        transport.last().connected();
        end(transport.last(), Reason.CLOSED);
        assertThat(transport.dialled).hasSize(2); // at once
        end(transport.last(), Reason.REFUSED);
        assertThat(verdicts).isEmpty();
        loop.pass(20);
        end(transport.last(), Reason.REFUSED);
        assertThat(verdicts).containsExactly("broker 2 in epoch 20");
    }

    @Test
    void aBrokerThatIsNotThereWhenTheControllerComesIsDead() {
        change(false, registered(SELF, 10), registered(2, 20));
        assertThat(transport.dialled).isEmpty();
        change(true, controller(SELF, 1));
        end(transport.last(), Reason.REFUSED);
        loop.pass(20);
        end(transport.last(), Reason.REFUSED);
        assertThat(verdicts).containsExactly("broker 2 in epoch 20");
    }

    @Test
    void silenceAndLostConnectionsProveNothing() {
        change(true, registered(SELF, 10), registered(2, 20), controller(SELF, 1));
        for (Reason reason : List.of(Reason.TIMED_OUT, Reason.UNREACHABLE, Reason.CLOSED, Reason.REFUSED)) {
            end(transport.last(), reason);
            loop.pass(2_000);
        }
        transport.last().connected(); // after one refusal
        end(transport.last(), Reason.CLOSED);
        end(transport.last(), Reason.REFUSED);
        loop.pass(20);
        transport.last().connected();
        loop.settle();
        assertThat(verdicts).isEmpty();
    }

    @Test
    void refusalsWithSilenceBetweenThemDoNotAddUp() {
        change(true, registered(SELF, 10), registered(2, 20), controller(SELF, 1));
        end(transport.last(), Reason.REFUSED);
        loop.pass(2_000);
        end(transport.last(), Reason.TIMED_OUT);
        loop.pass(2_000);
        end(transport.last(), Reason.REFUSED);
        assertThat(verdicts).isEmpty();
    }

    @Test
    void everyBrokerWatchesTheControllerAlsoWhereItsRegistrationHasGone() {
        change(false, registered(SELF, 10), registered(2, 20), registered(3, 30), controller(2, 4));
        assertThat(transport.dialled).hasSize(1);
        assertThat(transport.last().nodeId).isEqualTo(2);
        change(false, new MetadataChange.BrokerGone(2));
        end(transport.last(), Reason.REFUSED);
        loop.pass(20);
        end(transport.last(), Reason.REFUSED);
        assertThat(verdicts).containsExactly("controller 2 in epoch 4");
    }

    @Test
    void aNewIncarnationIsWatchedInThePlaceOfTheFormer() {
        change(true, registered(SELF, 10), registered(2, 20), controller(SELF, 1));
        Dialled former = transport.last();
        change(true, registered(2, 21));
        assertThat(former.closed).isTrue();
        end(former, Reason.REFUSED);
        loop.pass(20);
        assertThat(transport.dialled).hasSize(2);
        end(transport.last(), Reason.REFUSED);
        loop.pass(20);
        end(transport.last(), Reason.REFUSED);
        assertThat(verdicts).containsExactly("broker 2 in epoch 21");
    }

    @Test
    void whoIsNoLongerTheControllerWatchesTheNewOneOnly() {
        change(true, registered(SELF, 10), registered(2, 20), registered(3, 30), controller(SELF, 1));
        List<Dialled> before = List.copyOf(transport.dialled);
        change(false, controller(3, 2));
        assertThat(before).hasSize(2).allMatch(connection -> connection.closed);
        assertThat(transport.last().nodeId).isEqualTo(3);
        assertThat(transport.last().closed).isFalse();
    }
}
