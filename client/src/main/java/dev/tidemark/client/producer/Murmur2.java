package dev.tidemark.client.producer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Austin Appleby's 32-bit MurmurHash2 with the seed that Kafka's clients share.
final class Murmur2 {
    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;
    private static final int R = 24;

    private Murmur2() {}

    /// Of what remains in `data`, whose position moves.
    static int hash(ByteBuffer data) {
        ByteBuffer in = data.order(ByteOrder.LITTLE_ENDIAN);
        int hash = SEED ^ in.remaining();
        while (in.remaining() >= 4) {
            int word = in.getInt() * M;
            word = (word ^ (word >>> R)) * M;
            hash = (hash * M) ^ word;
        }
        int rest = 0;
        int count = in.remaining();
        for (int i = 0; i < count; i++) rest |= (in.get() & 0xff) << (8 * i);
        if (count > 0) hash = (hash ^ rest) * M;
        hash = (hash ^ (hash >>> 13)) * M;
        return hash ^ (hash >>> 15);
    }
}
