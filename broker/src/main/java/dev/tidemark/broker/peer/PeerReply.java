package dev.tidemark.broker.peer;

import dev.tidemark.base.Check;
import dev.tidemark.protocol.message.Response;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// An answer of another broker. Record bytes in it are slices of the frame that it came in, and valid until
/// [#release]; everything else is on the heap and stays.
///
/// Owner: whoever gets it from [PeerConnection#send], or whom that one hands it to. Released once, from any thread.
public final class PeerReply {
    private static final VarHandle RELEASED;

    static {
        try {
            RELEASED = MethodHandles.lookup().findVarHandle(PeerReply.class, "released", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final Response response;
    private final short version;
    private final Runnable onRelease;
    private volatile boolean released;

    /// @param version in which the request was sent and `response` came
    /// @param onRelease gives the frame back; called once
    public PeerReply(Response response, short version, Runnable onRelease) {
        this.response = response;
        this.version = version;
        this.onRelease = onRelease;
    }

    public Response response() {
        return response;
    }

    /// @throws ClassCastException if the answer is of another API, which is a bug of the caller
    public <R extends Response> R response(Class<R> type) {
        return type.cast(response);
    }

    public short version() {
        return version;
    }

    /// The records of the answer are needed no more.
    public void release() {
        Check.that(RELEASED.compareAndSet(this, false, true), "an answer was released twice");
        onRelease.run();
    }

    /// The response alone, for those APIs that bring no records.
    public Response detach() {
        release();
        return response;
    }
}
