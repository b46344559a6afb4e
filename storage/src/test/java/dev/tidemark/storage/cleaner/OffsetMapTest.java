package dev.tidemark.storage.cleaner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetMapTest {
    @Test
    void holdsTheLatestOffsetOfEachKey() {
        OffsetMap map = new OffsetMap(1 << 22, 0.9);
        Map<String, Long> model = new HashMap<>();
        Random random = new Random(3);
        for (long offset = 0; offset < 50_000; offset++) {
            String key = "k" + random.nextInt(20_000);
            assertThat(map.put(bytes(key), offset)).isTrue();
            model.put(key, offset);
        }
        assertThat(map.size()).isEqualTo(model.size());
        assertThat(map.latestOffset()).isEqualTo(49_999);
        model.forEach((key, offset) -> assertThat(map.get(bytes(key))).isEqualTo(offset));
        assertThat(map.get(bytes("unknown"))).isEqualTo(-1);
    }

    @Test
    void isFullAtItsBound() {
        OffsetMap map = new OffsetMap(100 * 24, 0.5);
        for (int i = 0; i < 50; i++) assertThat(map.put(bytes("k" + i), i)).isTrue();

        assertThat(map.put(bytes("one more"), 50)).isFalse();
        assertThat(map.put(bytes("k7"), 51)).isTrue();
        assertThat(map.get(bytes("k7"))).isEqualTo(51);
        assertThat(map.size()).isEqualTo(50);
        map.clear();
        assertThat(map.get(bytes("k7"))).isEqualTo(-1);
    }

    private static ByteBuffer bytes(String key) {
        return ByteBuffer.wrap(key.getBytes(UTF_8));
    }
}
