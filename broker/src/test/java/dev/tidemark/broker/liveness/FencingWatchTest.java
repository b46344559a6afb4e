package dev.tidemark.broker.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.ManualLoop;
import dev.tidemark.metadata.image.BrokerRegistration;
import dev.tidemark.metadata.image.ClusterImage;
import dev.tidemark.metadata.image.MetadataChange;
import dev.tidemark.metadata.image.MetadataDelta;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.message.BrokerHeartbeatResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// When a broker takes itself for fenced, and when not any more.
final class FencingWatchTest {
    private static final int SELF = 2;
    private static final long EPOCH = 20;

    private final ManualLoop loop = new ManualLoop();
    private final Known known = new Known();
    private final SortedMap<Integer, ErrorCode> answers = new TreeMap<>();
    private final List<Integer> asked = new ArrayList<>();
    private final List<Runnable> afterRoles = new ArrayList<>();
    private final FencingWatch watch = new FencingWatch(
            SELF,
            known,
            (brokerId, request) -> {
                assertThat(request.brokerId()).isEqualTo(SELF);
                assertThat(request.brokerEpoch()).isEqualTo(known.epoch);
                asked.add(brokerId);
                ErrorCode answer = answers.get(brokerId);
                if (answer == null) return CompletableFuture.failedFuture(new IllegalStateException("silence"));
                return CompletableFuture.completedFuture(BrokerHeartbeatResponse.builder()
                        .errorCode(answer.code())
                        .build());
            },
            loop);

    private static final class Known implements FencingWatch.Membership {
        boolean connected = true;
        boolean current = true;
        boolean registered = true;
        long epoch = EPOCH;
        ClusterImage image = ClusterImage.EMPTY;

        void register(int id, long ofEpoch) {
            BrokerRegistration broker = new BrokerRegistration(id, ofEpoch, List.of(), null, new TreeMap<>(), true);
            image = image.apply(MetadataDelta.of(new MetadataChange.BrokerRegistered(broker)));
        }

        @Override
        public boolean isConnected() {
            return connected;
        }

        @Override
        public boolean isCurrent() {
            return current;
        }

        @Override
        public boolean isRegistered() {
            return registered;
        }

        @Override
        public long lastBrokerEpoch() {
            return epoch;
        }

        @Override
        public ClusterImage image() {
            return image;
        }
    }

    @BeforeEach
    void begin() {
        for (int id = 1; id <= 4; id++) known.register(id, 10L * id);
        watch.begin(afterRoles::add);
        loop.settle();
    }

    private void takeRoles() {
        afterRoles.forEach(Runnable::run);
        afterRoles.clear();
        loop.settle();
    }

    @Test
    void whoFollowsTheMetadataAsksNobody() {
        loop.pass(10_000);

        assertThat(asked).isEmpty();
        assertThat(watch.isFenced()).isFalse();
    }

    @Test
    void theOthersAreAskedInTurn() {
        known.current = false;

        loop.pass(2_500);

        assertThat(asked).startsWith(1, 3, 4, 1);
        assertThat(watch.isFenced()).as("by silence").isFalse();
    }

    @Test
    void whoeverDoesNotKnowProvesNothing() {
        for (int id = 1; id <= 4; id++) answers.put(id, ErrorCode.NOT_CONTROLLER);
        known.current = false;
        loop.pass(5_000);
        for (int id = 1; id <= 4; id++) answers.put(id, ErrorCode.NONE);
        loop.pass(5_000);

        assertThat(watch.isFenced()).isFalse();
    }

    @Test
    void oneThatKnowsBetterIsEnough() {
        answers.put(1, ErrorCode.NONE);
        answers.put(4, ErrorCode.STALE_BROKER_EPOCH);
        known.current = false;

        loop.pass(2_000);

        assertThat(watch.isFenced()).isTrue();
    }

    @Test
    void whoIsRegisteredAnewIsFreeOnceItsReplicasHaveTheirRoles() {
        answers.put(1, ErrorCode.STALE_BROKER_EPOCH);
        known.current = false;
        loop.pass(2_000);
        known.current = true;
        known.registered = false;
        loop.pass(1_000);
        assertThat(afterRoles).isEmpty();

        known.epoch = EPOCH + 30;
        known.registered = true;
        known.register(SELF, known.epoch);
        watch.onBrokersChange();
        loop.settle();

        assertThat(watch.isFenced()).isTrue();
        takeRoles();
        assertThat(watch.isFenced()).isFalse();
    }

    @Test
    void whoWasNotFencedAtAllIsFreeWhenItSeesItself() {
        answers.put(1, ErrorCode.STALE_BROKER_EPOCH);
        known.current = false;
        loop.pass(2_000);

        known.current = true;
        loop.pass(1_000);
        takeRoles();

        assertThat(watch.isFenced()).isFalse();
    }

    @Test
    void aLaterFencingIsNotEndedByWhatEndsAnEarlierOne() {
        answers.put(1, ErrorCode.STALE_BROKER_EPOCH);
        known.current = false;
        loop.pass(2_000);
        known.current = true;
        loop.pass(500);
        known.registered = false;
        watch.onBrokersChange();
        loop.settle();

        takeRoles();

        assertThat(watch.isFenced()).isTrue();
    }

    @Test
    void aLostSessionIsEnough() {
        known.registered = false;

        loop.pass(500);

        assertThat(watch.isFenced()).isTrue();
        assertThat(asked).isEmpty();
    }

    @Test
    void aSessionThatIsOnlyGivenUpIsNotWhileNobodyKnowsBetter() {
        for (int id = 1; id <= 4; id++) answers.put(id, ErrorCode.NONE);
        known.connected = false;
        known.current = false;
        known.registered = false;
        loop.pass(5_000);
        assertThat(asked).isNotEmpty();
        assertThat(watch.isFenced()).isFalse();

        known.connected = true;
        loop.pass(500);

        assertThat(watch.isFenced()).isTrue();
    }

    @Test
    void whoHasGivenUpItsSessionBelievesOneThatKnowsBetter() {
        answers.put(4, ErrorCode.STALE_BROKER_EPOCH);
        known.connected = false;
        known.current = false;
        known.registered = false;

        loop.pass(2_000);

        assertThat(watch.isFenced()).isTrue();
    }

    @Test
    void anAnswerThatComesWhenAllIsWellAgainIsLate() {
        CompletableFuture<BrokerHeartbeatResponse> late = new CompletableFuture<>();
        FencingWatch slow = new FencingWatch(SELF, known, (brokerId, request) -> late, loop);
        known.current = false;
        slow.begin(afterRoles::add);
        loop.settle();
        known.current = true;

        late.complete(BrokerHeartbeatResponse.builder()
                .errorCode(ErrorCode.STALE_BROKER_EPOCH.code())
                .build());
        loop.settle();

        assertThat(slow.isFenced()).isFalse();
    }

    @Test
    void nothingIsAskedAfterTheEnd() {
        known.current = false;
        watch.close();

        loop.pass(5_000);

        assertThat(asked).isEmpty();
    }
}
