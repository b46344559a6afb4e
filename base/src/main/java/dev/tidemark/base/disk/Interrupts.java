package dev.tidemark.base.disk;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/// A thread that is interrupted inside of a `FileChannel`'s method closes the channel for everybody. A file belongs to
/// many threads, so an interrupt of one of them must wait until its call is over.
final class Interrupts {
    private Interrupts() {}

    interface Action {
        void run() throws IOException;
    }

    /// Runs `action`, again if an interrupt broke it off, with the thread's interrupt put aside meanwhile. So `action`
    /// must open what it works on, or notice that it was closed, and must bear to be begun twice.
    static void without(Action action) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    action.run();
                    return;
                } catch (ClosedChannelException closed) {
                    if (!Thread.interrupted()) throw closed;
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
