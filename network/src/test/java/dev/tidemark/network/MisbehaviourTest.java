package dev.tidemark.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.protocol.ApiKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What clients do by mistake or on purpose, beside one who does nothing wrong.
final class MisbehaviourTest {
    /// Longer than this process may have to wait for a processor between two calls, or the good would be taken for bad.
    private static final long IDLE_MS = 1_500;

    private static final long STALLED_MS = 500;

    private static void assertServes(Client good) throws IOException {
        for (int i = 0; i < 3; i++) {
            good.send(Client.request(i, 1_000));
            assertThat(good.receive().getInt()).isEqualTo(i);
        }
    }

    private static byte[] size(int size) {
        return ByteBuffer.allocate(4).putInt(size).array();
    }

    @Test
    void sizesThatCannotBeCostTheConnectionAndOneLine() throws Exception {
        int[] sizes = {-1, Integer.MIN_VALUE, 0, 1, 7, (1 << 20) + 1, Integer.MAX_VALUE};
        try (Served served = new Served(config -> config.requestBytesMax(1 << 20));
                Client good = served.connect()) {
            int lines = 0;
            for (int bad : sizes) {
                try (Client client = served.connect()) {
                    client.send(size(bad));
                    assertThat(client.isClosedByServer()).isTrue();
                }
                assertServes(good);
                assertThat(served.complaints())
                        .hasSize(++lines)
                        .last()
                        .asString()
                        .contains(" " + bad + " bytes");
            }
            assertThat(served.hasStackTrace()).isFalse();
            assertThat(served.server.queuedBytes()).isZero();
        }
    }

    @Test
    void repliesToEarlierRequestsLeaveBeforeTheConnectionCloses() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                exchange.next();
                served.processor.hold(exchange);
            };
            client.send(Client.request(1, 0)).send(Client.request(2, 0)).send(size(-5));
            Exchange first = served.processor.takeHeld();
            Exchange second = served.processor.takeHeld();
            second.closeConnection("control \u001b[31m characters \n of a client");
            Scripted.echo(first);
            assertThat(client.receive().getInt()).isEqualTo(1);
            assertThat(client.isClosedByServer()).isTrue();
            assertThat(served.complaints())
                    .singleElement()
                    .asString()
                    .contains("\\u001b[31m")
                    .contains("\\u000a of");
        }
    }

    @Test
    void aRequestThatHangsDoesNotKeepABadConnection() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                exchange.next();
                served.processor.hold(exchange);
            };
            client.send(Client.request(1, 0)).send(size(-5));
            assertThat(client.isClosedByServer()).isTrue();
            served.processor.takeHeld().noReply();
        }
    }

    @Test
    void announcedFramesThatDoNotComeHoldLittleMemory() throws Exception {
        try (Served served = new Served();
                Client good = served.connect()) {
            List<Client> loris = new ArrayList<>();
            for (int i = 0; i < 100; i++)
                loris.add(served.connect().send(size(100 << 20)).send((byte) 0));
            for (Client client : loris) client.send((byte) 0, (byte) 0);
            assertServes(good);
            assertThat(served.server.queuedBytes()).isLessThan(100 * (65 << 10));
            for (Client client : loris) client.close();
            Served.await("all memory comes back", () -> served.server.queuedBytes() == 0);
        }
    }

    @Test
    void idleConnectionsAreClosedAndBusyOnesAreNot() throws Exception {
        try (Served served = new Served(config -> config.connectionsMaxIdleMs(IDLE_MS));
                Client idle = served.connect();
                Client trickling = served.connect().send(size(1_000));
                Client waiting = served.connect()) {
            served.processor.script = served.processor::hold;
            waiting.send(Client.request(1, 0));
            Exchange held = served.processor.takeHeld();
            Thread drip = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        trickling.send((byte) 0);
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException end) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(idle.isClosedByServer()).isTrue();
            assertThat(trickling.isClosedByServer()).isTrue();
            Scripted.echo(held);
            assertThat(waiting.receive().getInt()).isEqualTo(1);
            drip.join();
        }
    }

    @Test
    void aPeerThatStopsReadingIsIdle() throws Exception {
        byte[] large = new byte[1 << 20];
        try (Served served = new Served(config -> config.connectionsMaxIdleMs(IDLE_MS));
                Client client = new Client(served.port(), 16 << 10)) {
            served.processor.script =
                    exchange -> exchange.reply(ApiKey.SASL_AUTHENTICATE, (short) 2, 1, Replies.saslAuthenticate(large));
            client.sendTogether(20, i -> Client.request(i, 0));
            Served.await("it is closed", () -> served.processor.disconnects.get() == 1);
            assertThat(served.server.queuedBytes()).isZero();
        }
    }

    @Test
    void sleepersHoldLittleHoweverLargeTheirRepliesAre() throws Exception {
        byte[] large = new byte[2_000_000];
        int sleepers = 40;
        long bound = 16 << 20;
        try (Served served =
                        new Served(config -> config.queuedRequestBytesMax(bound).stalledFrameMs(STALLED_MS));
                Client good = served.connect()) {
            served.processor.script = exchange -> {
                if (Scripted.correlationId(exchange) < 99) Scripted.echo(exchange);
                else exchange.reply(ApiKey.SASL_AUTHENTICATE, (short) 2, 1, Replies.saslAuthenticate(large));
            };
            List<Client> asleep = new ArrayList<>();
            for (int i = 0; i < sleepers; i++) {
                Client client = new Client(served.port(), 4 << 10);
                client.sendTogether(20, _ -> Client.request(ApiKey.SASL_AUTHENTICATE, 99, 0));
                asleep.add(client);
            }
            Served.await("memory is used up", () -> served.server.queuedBytes() >= bound);
            assertServes(good);
            // Nobody makes a reply that cannot leave: it would lie on the heap.
            assertThat(served.processor.requests.get()).isLessThan(2L * sleepers);
            good.send(Client.request(ApiKey.SASL_AUTHENTICATE, 99, 0));
            assertThat(good.receive().remaining()).isGreaterThan(large.length);
            assertThat(served.server.queuedBytesPeak()).isLessThan(bound + 6 * 2_200_000);
            assertThat(served.complaints()).isNotEmpty().allMatch(line -> line.contains("did not move"));
            for (Client client : asleep) client.close();
        }
    }

    @Test
    void memoryIsBoundedAndThoseWhoWaitGetTheirTurn() throws Exception {
        long bound = 1 << 20;
        try (Served served = new Served(config -> config.queuedRequestBytesMax(bound));
                Client good = served.connect()) {
            List<Client> senders = new ArrayList<>();
            byte[] request = Client.request(3, 600_000);
            for (int i = 0; i < 20; i++) senders.add(served.connect().send(request, 0, 100_000));
            Served.await("memory is used up", () -> served.server.queuedBytes() >= bound);
            assertServes(good);
            List<Thread> rest = new ArrayList<>();
            for (Client client : senders) {
                rest.add(Thread.ofVirtual().start(() -> {
                    try {
                        client.send(request, 100_000, request.length - 100_000);
                    } catch (IOException failure) {
                        throw new java.io.UncheckedIOException(failure);
                    }
                }));
            }
            for (Client client : senders) assertThat(client.receive().getInt()).isEqualTo(3);
            for (Thread thread : rest) thread.join();
            assertThat(served.server.queuedBytesPeak()).isLessThan(bound + 600_008 + 20 * (64 << 10));
            for (Client client : senders) client.close();
            assertThat(served.complaints()).isEmpty();
        }
    }

    @Test
    void whoSitsOnTheLastMemoryIsClosed() throws Exception {
        long bound = 1 << 20;
        try (Served served =
                        new Served(config -> config.queuedRequestBytesMax(bound).stalledFrameMs(STALLED_MS));
                Client good = served.connect()) {
            List<Client> sitters = new ArrayList<>();
            for (int i = 0; i < 20; i++) sitters.add(served.connect().send(Client.request(3, 600_000), 0, 70_000));
            Served.await("memory is used up", () -> served.server.queuedBytes() >= bound);
            assertServes(good);
            try (Client late = served.connect().send(Client.request(8, 600_000))) {
                assertThat(late.receive().getInt()).isEqualTo(8);
            }
            assertServes(good);
            assertThat(served.complaints()).isNotEmpty().allMatch(line -> line.contains("did not move"));
            for (Client client : sitters) client.close();
        }
    }

    @Test
    void connectionsPerAddressAreLimited() throws Exception {
        ConnectionLimits two = new ConnectionLimits(100, 2, Map.of(), Integer.MAX_VALUE);
        try (Served served = new Served(config -> config.limits(two));
                Client first = served.connect()) {
            Client second = served.connect();
            assertServes(first);
            assertServes(second);
            try (Client third = served.connect()) {
                assertThat(third.isClosedByServer()).isTrue();
            }
            assertThat(served.complaints()).singleElement().asString().contains("already 2 connections");
            second.close();
            Served.await("one has gone", () -> served.server.connectionCount() == 1);
            try (Client again = served.connect()) {
                assertServes(again);
            }
            Served.await("the next has gone", () -> served.server.connectionCount() == 1);
            served.server.limitConnections(new ConnectionLimits(100, 0, Map.of("127.0.0.1", 3), Integer.MAX_VALUE));
            try (Client second2 = served.connect();
                    Client third = served.connect()) {
                assertServes(second2);
                assertServes(third);
            }
        }
    }

    @Test
    void aFullServerLetsInWhenSomebodyLeaves() throws Exception {
        ConnectionLimits two = new ConnectionLimits(2, 100, Map.of(), Integer.MAX_VALUE);
        try (Served served = new Served(config -> config.limits(two));
                Client first = served.connect()) {
            Client second = served.connect();
            assertServes(first);
            assertServes(second);
            try (Client third = served.connect()) {
                third.send(Client.request(5, 0));
                assertServes(first);
                assertThat(served.server.connectionCount()).isEqualTo(2);
                second.close();
                assertThat(third.receive().getInt()).isEqualTo(5);
            }
            served.server.limitConnections(ConnectionLimits.NONE);
            try (Client third = served.connect();
                    Client fourth = served.connect()) {
                assertServes(third);
                assertServes(fourth);
            }
        }
    }

    @Test
    void aFloodOfConnectionsIsSlowedDownAndForgotten() throws Exception {
        ConnectionLimits slow = new ConnectionLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Map.of(), 200);
        try (Served served = new Served(config -> config.limits(slow).backlog(500));
                Client good = served.connect()) {
            long beganNs = System.nanoTime();
            for (int i = 0; i < 320; i++) served.connect().close();
            assertServes(good);
            try (Client last = served.connect()) {
                assertServes(last);
            }
            // 322 connections are 200 at once and the others at 200 a second.
            assertThat(System.nanoTime() - beganNs).isGreaterThan(500_000_000L);
            Served.await("they are gone", () -> served.server.connectionCount() <= 1);
        }
    }

    @Test
    void mistakesWithoutEndAreLoggedSparingly() throws Exception {
        try (Served served = new Served()) {
            for (int i = 0; i < 3 * PeerLog.LINES_MAX; i++) {
                try (Client client = served.connect().send(size(-1))) {
                    assertThat(client.isClosedByServer()).isTrue();
                }
            }
            assertThat(served.complaints()).hasSize(PeerLog.LINES_MAX);
        }
    }
}
