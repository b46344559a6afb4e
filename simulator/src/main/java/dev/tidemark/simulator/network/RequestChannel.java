package dev.tidemark.simulator.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import dev.tidemark.simulator.world.SimulatedProcess;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The asking end of a connection: connects, asks for the versions, then sends what it is given and matches the answers
/// in order. All that it tells it tells in tasks of its loop. A request whose time is over breaks the connection.
public final class RequestChannel {
    private static final long CONNECT_TIMEOUT_MS = 10_000;
    private static final short API_VERSIONS_VERSION = 4;

    /// Why there is no answer.
    public enum End {
        REFUSED,
        UNREACHABLE,
        CLOSED,
        TIMED_OUT,
        UNSUPPORTED_VERSION
    }

    /// Gets the answer or the reason why there is none; once.
    public interface Answer {
        /// @param frame where record bytes of the response lie
        void onResponse(Response response, short version, byte[] frame);

        void onFailed(End why);
    }

    /// Hears how the connection fares.
    public interface Listener {
        void onConnected();

        void onEnded(End why);
    }

    private static final class Pending {
        final Request request;
        final short highestVersion;
        final Answer answer;
        Loop.@Nullable Timer timer;
        short version;
        int correlationId;

        Pending(Request request, short highestVersion, Answer answer) {
            this.request = request;
            this.highestVersion = highestVersion;
            this.answer = answer;
        }
    }

    private final Loop loop;
    private final String clientId;
    private final Listener listener;
    private final Deque<Pending> toSend = new ArrayDeque<>();
    private final Deque<Pending> toAnswer = new ArrayDeque<>();
    private final Loop.Timer connecting;
    private @Nullable Socket socket;
    private @Nullable ApiVersionsResponse versions;
    private @Nullable End ended;
    private int lastCorrelationId;

    /// Begins to connect.
    public RequestChannel(
            SimulatedNetwork network,
            Machine from,
            SimulatedProcess process,
            Loop loop,
            String host,
            String clientId,
            Listener listener) {
        this.loop = loop;
        this.clientId = clientId;
        this.listener = listener;
        this.connecting = loop.runAfter(CONNECT_TIMEOUT_MS, () -> end(End.UNREACHABLE));
        network.connect(from, process, host, new Connector());
    }

    public boolean isOpen() {
        return ended == null;
    }

    /// @param highestVersion not above this one
    public void send(Request request, short highestVersion, long timeoutMs, Answer answer) {
        Pending pending = new Pending(request, highestVersion, answer);
        End over = ended;
        if (over != null) {
            loop.run(() -> answer.onFailed(End.CLOSED));
            return;
        }
        pending.timer = loop.runAfter(
                timeoutMs, () -> end(socket == null || versions == null ? End.UNREACHABLE : End.TIMED_OUT));
        toSend.add(pending);
        loop.run(this::sendWaiting);
    }

    private void sendWaiting() {
        Socket open = socket;
        ApiVersionsResponse known = versions;
        if (open == null || known == null || ended != null) return;
        Pending next;
        while ((next = toSend.poll()) != null) {
            short version = version(known, next.request.apiKey(), next.highestVersion);
            if (version < next.request.apiKey().lowestVersion()) {
                cancel(next);
                next.answer.onFailed(End.UNSUPPORTED_VERSION);
                continue;
            }
            next.version = version;
            next.correlationId = ++lastCorrelationId;
            toAnswer.add(next);
            open.send(Frames.request(next.request, version, next.correlationId, clientId));
        }
    }

    private static short version(ApiVersionsResponse known, ApiKey api, short highest) {
        for (ApiVersionsResponse.ApiVersion each : known.apiKeys()) {
            if (each.apiKey() == api.id())
                return (short) Math.min(Math.min(each.maxVersion(), api.highestUnstableVersion()), highest);
        }
        return -1;
    }

    /// Callable more than once.
    public void close() {
        loop.run(() -> end(End.CLOSED));
    }

    private void end(End why) {
        if (ended != null) return;
        ended = why;
        connecting.cancel();
        Socket open = socket;
        if (open != null) open.close();
        listener.onEnded(why);
        List<Pending> open2 = new ArrayList<>(toAnswer);
        open2.addAll(toSend);
        toAnswer.clear();
        toSend.clear();
        for (Pending each : open2) {
            cancel(each);
            each.answer.onFailed(why);
        }
    }

    private static void cancel(Pending pending) {
        Loop.Timer timer = pending.timer;
        if (timer != null) timer.cancel();
    }

    private final class Connector implements SimulatedNetwork.Connector, Socket.Receiver {
        private boolean asked;

        @Override
        public void onConnected(Socket connected) {
            connected.receiver(this);
            if (ended != null) {
                connected.close();
                return;
            }
            socket = connected;
            connected.send(Frames.request(
                    ApiVersionsRequest.builder()
                            .clientSoftwareName("tidemark")
                            .clientSoftwareVersion("1")
                            .build(),
                    API_VERSIONS_VERSION,
                    0,
                    clientId));
            asked = true;
        }

        @Override
        public void onRefused() {
            loop.run(() -> end(End.REFUSED));
        }

        @Override
        public void onFrame(byte[] frame) {
            loop.run(() -> onAnswer(frame));
        }

        @Override
        public void onClosed() {
            loop.run(() -> end(End.CLOSED));
        }

        private void onAnswer(byte[] frame) {
            if (ended != null) return;
            if (asked) {
                asked = false;
                versions = (ApiVersionsResponse) Frames.decode(frame, ApiKey.API_VERSIONS, API_VERSIONS_VERSION, 0);
                connecting.cancel();
                listener.onConnected();
                sendWaiting();
                return;
            }
            Pending pending = toAnswer.poll();
            if (pending == null) throw new MalformedException("an answer that nobody asked for");
            cancel(pending);
            Response response = Frames.decode(frame, pending.request.apiKey(), pending.version, pending.correlationId);
            pending.answer.onResponse(response, pending.version, frame);
        }
    }
}
