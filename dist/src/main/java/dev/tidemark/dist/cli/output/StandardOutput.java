package dev.tidemark.dist.cli.output;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// The process's standard output, which remembers why it could not be written: `PrintStream` tells only that.
public final class StandardOutput extends OutputStream {
    private final OutputStream out;
    private volatile @Nullable IOException failure;

    public StandardOutput(OutputStream out) {
        this.out = out;
    }

    /// Null where all was written, or nobody wants to read more of it, as behind `| head`.
    public @Nullable String failure() {
        IOException why = failure;
        if (why == null) return null;
        String message = String.valueOf(why.getMessage());
        return message.contains("Broken pipe") ? null : message;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            out.write(bytes, from, length);
        } catch (IOException why) {
            if (failure == null) failure = why;
            throw why;
        }
    }
}
