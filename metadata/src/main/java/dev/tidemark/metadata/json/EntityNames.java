package dev.tidemark.metadata.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/// Names of groups, users and the like as names of znodes: Kafka percent-encodes them, so that none holds a slash.
final class EntityNames {
    private static final String PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private EntityNames() {}

    static String sanitize(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (PLAIN.indexOf(c) >= 0) out.append(c);
            else out.append('%').append(HEX.toHexDigits(b));
        }
        return out.toString();
    }

    /// Empty where `nodeName` is not the encoding of a name.
    static Optional<String> desanitize(String nodeName) {
        ByteBuffer bytes = ByteBuffer.allocate(nodeName.length());
        for (int i = 0; i < nodeName.length(); i++) {
            char c = nodeName.charAt(i);
            if (c != '%') {
                if (PLAIN.indexOf(c) < 0) return Optional.empty();
                bytes.put((byte) c);
                continue;
            }
            boolean coded = i + 2 < nodeName.length()
                    && HexFormat.isHexDigit(nodeName.charAt(i + 1))
                    && HexFormat.isHexDigit(nodeName.charAt(i + 2));
            if (!coded) return Optional.empty();
            bytes.put((byte) HexFormat.fromHexDigits(nodeName, i + 1, i + 3));
            i += 2;
        }
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
