package dev.tidemark.compatibility.badinput;

import dev.tidemark.compatibility.badinput.Wire.Out;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Counts, lengths, varints and tagged fields that do not add up.
@ExtendWith(Victim.Shared.class)
final class EncodingsTest {
    private static final int FETCH = 1;
    private static final int METADATA = 3;
    private static final int OFFSET_FETCH = 9;
    private static final int API_VERSIONS = 18;

    private final Victim victim;

    EncodingsTest(Victim victim) {
        this.victim = victim;
    }

    private void refused(String what, int key, int version, boolean flexible, UnaryOperator<Out> body)
            throws Exception {
        Rows.assertCloses(
                victim, what, body.apply(Wire.header(key, version, flexible)).toBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, -100, Integer.MIN_VALUE, 5, 1_000, 1_000_001, Integer.MAX_VALUE})
    void arrayCountsThatCannotBe(int count) throws Exception {
        refused("Metadata", METADATA, 4, false, out -> out.int32(count).int8(0));
        refused("Fetch", FETCH, 4, false, out -> fetch(out).int32(count));
        refused(
                "nested in Fetch",
                FETCH,
                4,
                false,
                out -> fetch(out).int32(1).string("t").int32(count));
    }

    private static Out fetch(Out out) {
        return out.int32(-1).int32(100).int32(1).int32(1_000).int8(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 1_000_000, 0x7FFF_FFFF, -1, -2, Integer.MIN_VALUE})
    void compactCountsThatCannotBe(int countPlusOne) throws Exception {
        refused("Metadata", METADATA, 12, true, out -> out.uvarint(countPlusOne));
        refused("OffsetFetch", OFFSET_FETCH, 8, true, out -> out.uvarint(countPlusOne));
    }

    @Test
    void varintsThatAreTooLongOrCut() throws Exception {
        byte[] six = {(byte) 0x81, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x01};
        byte[] endless = new byte[20];
        java.util.Arrays.fill(endless, (byte) 0xFF);
        refused("six bytes", METADATA, 12, true, out -> out.raw(six).raw(new byte[8]));
        refused("without end", METADATA, 12, true, out -> out.raw(endless));
        refused("cut", METADATA, 12, true, out -> out.int8(0x80));
    }

    @Test
    void stringsThatCannotBe() throws Exception {
        refused(
                "compact null where none may be",
                API_VERSIONS,
                3,
                true,
                out -> out.uvarint(0).compactString("1").uvarint(0));
        refused(
                "null where none may be",
                METADATA,
                4,
                false,
                out -> out.int32(1).int16(-1).int8(0));
        refused("length -2", METADATA, 4, false, out -> out.int32(1).int16(-2).int8(0));
        refused(
                "longer than the frame",
                METADATA,
                4,
                false,
                out -> out.int32(1).int16(32_767).int8(0));
        refused("compact, longer than the frame", API_VERSIONS, 3, true, out -> out.uvarint(1 << 30));
    }

    @Test
    void taggedFieldsThatCannotBe() throws Exception {
        UnaryOperator<Out> topics = out -> out.uvarint(1).int8(0).int8(0);
        refused(
                "a count over the rest",
                METADATA,
                12,
                true,
                out -> topics.apply(out).uvarint(200));
        refused(
                "a count beyond reason",
                METADATA,
                12,
                true,
                out -> topics.apply(out).uvarint(0x7FFF_FFFF));
        refused(
                "a size over the rest",
                METADATA,
                12,
                true,
                out -> topics.apply(out).uvarint(1).uvarint(5).uvarint(100));
        refused(
                "a huge size",
                METADATA,
                12,
                true,
                out -> topics.apply(out).uvarint(1).uvarint(5).uvarint(0x7FFF_FFFF));
        refused(
                "the same tag twice",
                METADATA,
                12,
                true,
                out -> topics.apply(out)
                        .uvarint(2)
                        .uvarint(5)
                        .uvarint(0)
                        .uvarint(5)
                        .uvarint(0));
        refused(
                "tags out of order",
                METADATA,
                12,
                true,
                out -> topics.apply(out)
                        .uvarint(2)
                        .uvarint(6)
                        .uvarint(0)
                        .uvarint(5)
                        .uvarint(0));
    }

    @Test
    void unknownTaggedFieldsAreSkipped() throws Exception {
        byte[] frame = Wire.header(METADATA, 12, true)
                .uvarint(1)
                .int8(0)
                .int8(0)
                .uvarint(1)
                .uvarint(9_999)
                .uvarint(3)
                .raw((byte) 1, (byte) 2, (byte) 3)
                .toBytes();
        org.assertj.core.api.Assertions.assertThat(Rows.assertAnsweredOrClosed(victim, "an unknown tag", frame))
                .isEqualTo(RawClient.Outcome.ANSWERED);
    }

    /// Kafka's readers, and ours, take no more than a million elements, whatever the bytes that remain.
    @Test
    void moreElementsThanAnybodyNeeds() throws Exception {
        int count = 1_500_000;
        refused("a million and a half of names", METADATA, 4, false, out -> {
            out.int32(count);
            byte[] names = new byte[count * 3];
            for (int i = 0; i < count; i++) {
                names[3 * i + 1] = 1;
                names[3 * i + 2] = 'a';
            }
            return out.raw(names).int8(0);
        });
    }
}
