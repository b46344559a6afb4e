package dev.tidemark.compatibility.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.compatibility.badinput.RawClient.Outcome;
import dev.tidemark.compatibility.badinput.Wire.Out;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Requests of every API and version, bent at the level of the schema and of the byte. Each is answered, or costs the
/// connection and at most one line. `-Dfuzz.requests=100000 -Dfuzz.seed=7` runs longer, and elsewhere.
@ExtendWith(Victim.Shared.class)
final class FuzzTest {
    private static final long SEED = Long.getLong("fuzz.seed", 42);
    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 3_000);
    private static final int CHECK_EVERY = 1_000;

    /// These may wait for as long as they ask to, or want no answer.
    private static final Set<ApiKeys> MAY_BE_SILENT = EnumSet.of(
            ApiKeys.PRODUCE,
            ApiKeys.FETCH,
            ApiKeys.JOIN_GROUP,
            ApiKeys.SYNC_GROUP,
            ApiKeys.CREATE_TOPICS,
            ApiKeys.DELETE_TOPICS,
            ApiKeys.CREATE_PARTITIONS,
            ApiKeys.SHARE_FETCH,
            ApiKeys.SHARE_ACKNOWLEDGE);
    /// Sends the only broker away, which is what it is for.
    private static final Set<ApiKeys> LEFT_OUT = EnumSet.of(ApiKeys.UNREGISTER_BROKER);

    private final Victim victim;
    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

    FuzzTest(Victim victim) {
        this.victim = victim;
    }

    private record Target(ApiKeys api, short version) {}

    private static List<Target> targets() {
        List<Target> targets = new ArrayList<>();
        for (ApiMessageType type : ApiMessageType.values()) {
            ApiKeys api = ApiKeys.forId(type.apiKey());
            if (LEFT_OUT.contains(api)) continue;
            for (short v = type.lowestSupportedVersion(); v <= type.highestSupportedVersion(false); v++)
                targets.add(new Target(api, v));
        }
        return targets;
    }

    @Test
    void nothingThatAnybodySendsDoesHarm() throws Exception {
        List<Target> targets = targets();
        Random random = new Random(SEED);
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            long seed = random.nextLong();
            Target target = i < targets.size() ? targets.get(i) : targets.get(random.nextInt(targets.size()));
            addresses.add(attack(target, seed));
            if (i % CHECK_EVERY == CHECK_EVERY - 1) victim.assertUnharmed();
        }
        victim.assertUnharmed();
        assertThat(victim.mostLinesOfOne(Set.copyOf(addresses))).isLessThanOrEqualTo(1);
        assertThat(outcomes.keySet()).contains(Outcome.ANSWERED, Outcome.CLOSED);
        victim.assertDataIsWhole();
    }

    private String attack(Target target, long seed) throws IOException {
        byte[] frame = frame(target, new Random(seed));
        try (RawClient client = victim.connect()) {
            client.patience(MAY_BE_SILENT.contains(target.api) ? 30 : 60_000);
            Outcome outcome = client.frame(frame).outcome();
            outcomes.merge(outcome, 1, Integer::sum);
            if (outcome == Outcome.SILENT)
                assertThat(MAY_BE_SILENT)
                        .as("%s with seed %s".formatted(target, seed))
                        .contains(target.api);
            return client.address();
        }
    }

    private static byte[] frame(Target target, Random random) {
        ApiMessageType type = target.api.messageType;
        FuzzedBodies bodies = new FuzzedBodies(random, random.nextInt(3) == 0 ? 0.05 : 0);
        Out out = Wire.header(target.api.id, target.version, type.requestHeaderVersion(target.version) >= 2);
        bodies.write(out, type.requestSchemas()[target.version]);
        byte[] whole = out.toBytes();
        // The API and the version stay, or it would be another target.
        byte[] rest = java.util.Arrays.copyOfRange(whole, 4, whole.length);
        if (random.nextInt(4) == 0) rest = bodies.damaged(rest);
        return new Out().raw(java.util.Arrays.copyOf(whole, 4)).raw(rest).toBytes();
    }
}
