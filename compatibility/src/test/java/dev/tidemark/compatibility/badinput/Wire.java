package dev.tidemark.compatibility.badinput;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;

/// Bytes of requests: whole ones by Kafka's own classes, broken ones by hand.
public final class Wire {
    static final int CORRELATION_ID = 77;
    static final String CLIENT_ID = "bad";

    private Wire() {}

    /// A frame without its size.
    public static byte[] frame(ApiKeys api, int version, ApiMessage body) {
        RequestHeader header = header(api, version);
        ByteBuffer bytes =
                RequestUtils.serialize(header.data(), api.requestHeaderVersion((short) version), body, (short) version);
        byte[] frame = new byte[bytes.remaining()];
        bytes.get(frame);
        return frame;
    }

    private static RequestHeader header(ApiKeys api, int version) {
        return new RequestHeader(api, (short) version, CLIENT_ID, CORRELATION_ID);
    }

    public static AbstractResponse response(ApiKeys api, int version, ByteBuffer reply) {
        return AbstractResponse.parseResponse(reply, header(api, version));
    }

    /// A header of version 1 (not flexible) or 2 (flexible), as far as the client id.
    static Out header(int key, int version, boolean flexible) {
        Out out = new Out().int16(key).int16(version).int32(CORRELATION_ID).string(CLIENT_ID);
        return flexible ? out.uvarint(0) : out;
    }

    /// Grows byte by byte.
    static final class Out {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Out int8(int value) {
            bytes.write(value);
            return this;
        }

        Out int16(int value) {
            return int8(value >> 8).int8(value);
        }

        Out int32(int value) {
            return int16(value >> 16).int16(value);
        }

        Out int64(long value) {
            return int32((int) (value >> 32)).int32((int) value);
        }

        Out uvarint(int value) {
            int rest = value;
            while ((rest & ~0x7F) != 0) {
                int8((rest & 0x7F) | 0x80);
                rest >>>= 7;
            }
            return int8(rest);
        }

        Out string(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            return int16(utf8.length).raw(utf8);
        }

        Out compactString(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            return uvarint(utf8.length + 1).raw(utf8);
        }

        Out raw(byte... value) {
            bytes.writeBytes(value);
            return this;
        }

        byte[] toBytes() {
            return bytes.toByteArray();
        }
    }
}
