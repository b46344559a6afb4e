package dev.tidemark.dist.cli.produce;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The lines of a stream as bytes, whatever their charset; a carriage return at the end goes too.
final class Lines {
    private final InputStream input;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long number;

    Lines(InputStream input) {
        this.input = input;
    }

    /// Of the line that was read last, from 1.
    long number() {
        return number;
    }

    /// The next line that is not empty, or null at the end.
    byte @Nullable [] next() throws IOException {
        while (true) {
            byte[] line = nextOrEmpty();
            if (line == null || line.length > 0) return line;
        }
    }

    private byte @Nullable [] nextOrEmpty() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean any = false;
        while (true) {
            if (position == limit) {
                limit = Math.max(0, input.read(buffer));
                position = 0;
                if (limit == 0) return any ? end(line) : null;
            }
            any = true;
            int start = position;
            while (position < limit && buffer[position] != '\n') position++;
            line.write(buffer, start, position - start);
            if (position < limit) {
                position++;
                return end(line);
            }
        }
    }

    private byte[] end(ByteArrayOutputStream line) {
        number++;
        byte[] bytes = line.toByteArray();
        boolean hasReturn = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return hasReturn ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }
}
