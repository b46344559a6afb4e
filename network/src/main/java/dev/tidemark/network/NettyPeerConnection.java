package dev.tidemark.network;

import dev.tidemark.base.time.Loop;
import dev.tidemark.broker.peer.PeerConnection;
import dev.tidemark.broker.peer.PeerException;
import dev.tidemark.broker.peer.PeerException.Reason;
import dev.tidemark.broker.peer.PeerReply;
import dev.tidemark.metadata.image.BrokerEndpoint;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.ErrorCode;
import dev.tidemark.protocol.codec.MalformedException;
import dev.tidemark.protocol.codec.UnsupportedVersionException;
import dev.tidemark.protocol.message.ApiVersionsRequest;
import dev.tidemark.protocol.message.ApiVersionsResponse;
import dev.tidemark.protocol.message.Request;
import dev.tidemark.protocol.message.Response;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.util.NetUtil;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// One connection to another broker: first it is made, then the peer tells its versions, then requests leave as they
/// come, and their answers are matched in the same order.
///
/// One timer serves all requests: it looks at the earliest deadline, so that a request costs no timer of its own.
///
/// Owner: its loop; others reach it through the loop's tasks.
final class NettyPeerConnection implements PeerConnection, PeerWire.Sink {
    private static final String SOFTWARE = "tidemark";
    private static final String SOFTWARE_VERSION = "0.1";
    private static final long NEVER = Long.MAX_VALUE;
    private static final short VERSION_0 = 0;

    private final int nodeId;
    private final BrokerEndpoint endpoint;
    private final String clientId;
    private final PeerLoop peerLoop;
    private final Bootstrap bootstrap;
    private final PeerConfig config;
    private final Listener listener;

    private final ArrayDeque<PeerRequest> waiting = new ArrayDeque<>();
    private final ArrayDeque<PeerRequest> underWay = new ArrayDeque<>();
    private @Nullable PeerWire wire;
    /// What asks for the peer's versions, until they are known.
    private @Nullable PeerRequest versionsRequest;

    private @Nullable PeerVersions versions;
    private @Nullable PeerException ended;
    private int nextCorrelationId;
    private Loop.@Nullable Timer timer;
    private long timerAtMs = NEVER;

    NettyPeerConnection(
            int nodeId,
            BrokerEndpoint endpoint,
            String clientId,
            PeerLoop peerLoop,
            Bootstrap bootstrap,
            PeerConfig config,
            Listener listener) {
        this.nodeId = nodeId;
        this.endpoint = endpoint;
        this.clientId = clientId;
        this.peerLoop = peerLoop;
        this.bootstrap = bootstrap;
        this.config = config;
        this.listener = listener;
    }

    // --- what others ask

    @Override
    public CompletableFuture<PeerReply> send(Request body, short highestVersion, long timeoutMs) {
        PeerRequest request = new PeerRequest(body, highestVersion, nowMs() + timeoutMs);
        try {
            if (loop().isCurrent()) take(request);
            else loop().run(() -> take(request));
        } catch (RejectedExecutionException shutDown) {
            request.reply().completeExceptionally(failure(Reason.CLOSED, "this broker stops"));
        }
        return request.reply();
    }

    @Override
    public void close() {
        onLoop(this::endByOwner);
    }

    void endByOwner() {
        end(Reason.CLOSED, "it was ended here");
    }

    private void onLoop(Runnable task) {
        try {
            loop().run(task);
        } catch (RejectedExecutionException shutDown) {
            // The loops have ended, and all channels with them.
        }
    }

    private NettyLoop loop() {
        return peerLoop.loop();
    }

    private long nowMs() {
        return loop().clock().monotonicMs();
    }

    // --- the connection is made

    /// Numbers need no lookup; names are looked up where waiting does no harm.
    void begin() {
        byte[] numbers = NetUtil.createByteArrayFromIpAddressString(endpoint.host());
        if (numbers == null) {
            Thread.ofVirtual().name("tidemark-lookup").start(this::lookUp);
            return;
        }
        try {
            InetAddress address = InetAddress.getByAddress(endpoint.host(), numbers);
            onLoop(() -> start(List.of(address)));
        } catch (UnknownHostException impossible) {
            onLoop(() -> end(Reason.UNREACHABLE, String.valueOf(impossible.getMessage())));
        }
    }

    private void lookUp() {
        try {
            List<InetAddress> addresses = List.of(InetAddress.getAllByName(endpoint.host()));
            onLoop(() -> start(addresses));
        } catch (UnknownHostException unknown) {
            onLoop(() -> end(Reason.UNREACHABLE, "the host name is not known"));
        }
    }

    private void start(List<InetAddress> addresses) {
        if (ended != null) return;
        if (peerLoop.add(this)) attempt(addresses, 0);
        else endByOwner();
    }

    private void attempt(List<InetAddress> addresses, int index) {
        InetSocketAddress address = new InetSocketAddress(addresses.get(index), endpoint.port());
        Attempt attempt = new Attempt();
        ChannelFuture future = bootstrap.clone().handler(attempt).connect(address);
        var _ = future.addListener(done -> {
            if (ended != null) {
                var _ = future.channel().close();
            } else if (done.isSuccess()) {
                onWire(attempt, future.channel());
            } else if (index + 1 < addresses.size()) {
                attempt(addresses, index + 1);
            } else {
                end(reasonOf(done.cause()), String.valueOf(done.cause().getMessage()));
            }
        });
    }

    /// Sets up the channel of one attempt; where the host has several addresses, each has its own.
    private final class Attempt extends ChannelInitializer<Channel> implements PeerWire.Sink {
        @Nullable
        PeerWire made;

        @Override
        protected void initChannel(Channel channel) {
            PeerWire fresh = new PeerWire(this, peerLoop, channel, config.replyBytesMax());
            channel.config().setAllocator(peerLoop.memory().allocator());
            channel.config().setRecvByteBufAllocator(fresh::receive);
            channel.pipeline().addLast(fresh);
            made = fresh;
        }

        @Override
        public void onReply(FrameMemory memory, int from, int size) {
            NettyPeerConnection.this.onReply(memory, from, size);
        }

        /// An attempt that fails is told of by its future.
        @Override
        public void onBroken(String why) {
            if (wire != null && wire == made) NettyPeerConnection.this.onBroken(why);
        }
    }

    private static Reason reasonOf(Throwable cause) {
        boolean refused = cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains("refused");
        return refused ? Reason.REFUSED : Reason.UNREACHABLE;
    }

    private void onWire(Attempt attempt, Channel channel) {
        // Where nobody listens at a port that the system gives to outgoing connections, one may connect to itself.
        if (Objects.equals(channel.localAddress(), channel.remoteAddress())) {
            var _ = channel.close();
            end(Reason.REFUSED, "nobody listens there");
            return;
        }
        wire = attempt.made;
        askVersions(ApiKey.API_VERSIONS.highestVersion());
    }

    // --- versions

    private void askVersions(short version) {
        ApiVersionsRequest body = ApiVersionsRequest.builder()
                .clientSoftwareName(SOFTWARE)
                .clientSoftwareVersion(SOFTWARE_VERSION)
                .nodeId(version >= 5 ? nodeId : -1)
                .build();
        PeerRequest request = new PeerRequest(body, version, nowMs() + config.connectTimeoutMs());
        versionsRequest = request;
        send(request, version);
        wakeAt(request.deadlineMs());
    }

    private void onVersions(PeerRequest asked, ByteBuffer frame) {
        int errorAt = frame.position() + Integer.BYTES;
        short error = frame.remaining() >= Integer.BYTES + Short.BYTES ? frame.getShort(errorAt) : 0;
        if (error == ErrorCode.UNSUPPORTED_VERSION.code() && asked.highestVersion() > VERSION_0) {
            askVersions(VERSION_0);
            return;
        }
        ApiVersionsResponse told = (ApiVersionsResponse) asked.decode(frame);
        if (told.errorCode() != ErrorCode.NONE.code()) {
            end(Reason.CLOSED, "it tells no versions: " + ErrorCode.forCode(told.errorCode()));
            return;
        }
        versionsRequest = null;
        versions = new PeerVersions(told);
        listener.onConnected();
        while (ended == null && !waiting.isEmpty()) sendNow(waiting.poll());
    }

    // --- requests

    private void take(PeerRequest request) {
        PeerException why = ended;
        if (why != null) {
            failLater(request, why);
            return;
        }
        if (versions == null) waiting.add(request);
        else sendNow(request);
        wakeAt(request.deadlineMs());
    }

    private void sendNow(PeerRequest request) {
        short version = Objects.requireNonNull(versions).choose(request.api(), request.highestVersion());
        if (version < 0) {
            failLater(request, failure(Reason.UNSUPPORTED_VERSION, "no common version of " + request.api()));
            return;
        }
        try {
            send(request, version);
        } catch (UnsupportedVersionException untold) {
            failLater(request, failure(Reason.UNSUPPORTED_VERSION, String.valueOf(untold.getMessage())));
        }
    }

    private void send(PeerRequest request, short version) {
        ByteBuffer frame = request.encode(version, nextCorrelationId++, clientId);
        underWay.add(request);
        Objects.requireNonNull(wire).write(frame);
    }

    /// Not from inside the call that asks.
    private void failLater(PeerRequest request, PeerException why) {
        onLoop(() -> request.reply().completeExceptionally(why));
    }

    @Override
    public void onReply(FrameMemory memory, int from, int size) {
        PeerRequest request = underWay.poll();
        if (ended != null || request == null) {
            onBroken("an answer that nobody asked for");
            return;
        }
        ByteBuffer frame = memory.view(from, size);
        try {
            if (request == versionsRequest) {
                onVersions(request, frame);
                return;
            }
            Response response = request.decode(frame);
            request.answer(response, memory);
        } catch (MalformedException malformed) {
            underWay.addFirst(request); // It fails with the others.
            onBroken("an answer that cannot be read: " + malformed.getMessage());
        }
    }

    // --- time

    private void wakeAt(long deadlineMs) {
        if (ended != null || timerAtMs <= deadlineMs) return;
        Loop.Timer earlier = timer;
        if (earlier != null) earlier.cancel();
        timerAtMs = deadlineMs;
        timer = loop().runAfter(Math.max(1, deadlineMs - nowMs()), this::onTime);
    }

    private void onTime() {
        if (ended != null) return;
        timer = null;
        timerAtMs = NEVER;
        long earliestMs = NEVER;
        for (PeerRequest request : underWay) earliestMs = Math.min(earliestMs, request.deadlineMs());
        for (PeerRequest request : waiting) earliestMs = Math.min(earliestMs, request.deadlineMs());
        if (earliestMs <= nowMs()) end(wire == null ? Reason.UNREACHABLE : Reason.TIMED_OUT, "no answer in time");
        else if (earliestMs < NEVER) wakeAt(earliestMs);
    }

    // --- the end

    @Override
    public void onBroken(String why) {
        end(Reason.CLOSED, why);
    }

    private void end(Reason reason, String why) {
        if (ended != null) return;
        boolean stood = versions != null;
        PeerException failure = failure(reason, why);
        ended = failure;
        Loop.Timer running = timer;
        if (running != null) running.cancel();
        peerLoop.remove(this);
        PeerWire open = wire;
        if (open != null) open.close();
        long nowMs = nowMs();
        List<PeerRequest> unanswered = new ArrayList<>(underWay);
        unanswered.addAll(waiting);
        underWay.clear();
        waiting.clear();
        listener.onEnded(failure);
        for (PeerRequest request : unanswered) {
            boolean other = reason == Reason.TIMED_OUT && stood && request.deadlineMs() > nowMs;
            PeerException told = other ? failure(Reason.CLOSED, "another request was not answered in time") : failure;
            request.reply().completeExceptionally(told);
        }
    }

    private PeerException failure(Reason reason, String why) {
        return new PeerException(
                reason, nodeId, "broker " + nodeId + " at " + endpoint.host() + ":" + endpoint.port() + ": " + why);
    }
}
