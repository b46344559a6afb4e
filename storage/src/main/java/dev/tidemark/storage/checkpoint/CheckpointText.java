package dev.tidemark.storage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The frame that Kafka's checkpoint files share: a line with the version 0, a line with the number of entries, then
/// one line for each.
final class CheckpointText {
    private CheckpointText() {}

    static ByteBuffer format(int count, CharSequence lines) {
        return ByteBuffer.wrap(("0\n" + count + "\n" + lines).getBytes(StandardCharsets.UTF_8));
    }

    /// The entries' lines.
    ///
    /// @throws IOException if the version or the count is wrong, or lines are missing
    static List<String> lines(byte[] content, String name) throws IOException {
        List<String> lines = new String(content, StandardCharsets.UTF_8).lines().toList();
        if (lines.size() < 2) throw new IOException(name + " is empty or cut");
        if (!lines.getFirst().strip().equals("0")) throw new IOException(name + " has an unknown version");
        long count = number(lines.get(1).strip(), name);
        if (count != lines.size() - 2L) throw new IOException(name + " does not have the entries that it announces");
        return lines.subList(2, lines.size());
    }

    static long number(String text, String name) throws IOException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notOne) {
            throw new IOException(name + " has '" + text + "' where a number belongs", notOne);
        }
    }
}
