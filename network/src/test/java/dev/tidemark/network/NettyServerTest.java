package dev.tidemark.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.broker.dispatch.Exchange;
import dev.tidemark.protocol.ApiKey;
import dev.tidemark.protocol.message.HeartbeatResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NettyServerTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void answersEveryRequestInOrder(boolean epoll) throws Exception {
        try (Served served = new Served(epoll, config -> config);
                Client client = served.connect()) {
            for (int i = 0; i < 100; i++) {
                client.send(Client.request(i, i * 1_000));
                ByteBuffer reply = client.receive();
                assertThat(reply.getInt()).isEqualTo(i);
                assertThat(reply.getShort()).isEqualTo((short) 7);
                assertThat(reply.hasRemaining()).isFalse();
            }
            assertThat(served.processor.badFills).hasValue(0);
            assertThat(served.complaints()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsLargeFramesInOrder(boolean epoll) throws Exception {
        try (Served served = new Served(epoll, config -> config);
                Client client = served.connect()) {
            Random random = new Random(7);
            for (int i = 0; i < 40; i++) {
                client.send(Client.request(i, random.nextInt(3_000_000)));
                client.send(Client.request(1_000 + i, 10));
                assertThat(client.receive().getInt()).isEqualTo(i);
                assertThat(client.receive().getInt()).isEqualTo(1_000 + i);
            }
            assertThat(served.processor.badFills).hasValue(0);
        }
    }

    /// What is told behind a reply that was long in coming is what is known then.
    @Test
    void aReplyInTurnIsMadeWhenThoseBeforeItHaveLeft() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = served.processor::hold;
            client.send(Client.request(1, 10));
            Exchange slow = served.processor.takeHeld();
            slow.next();
            client.send(Client.request(2, 10));
            Exchange late = served.processor.takeHeld();
            AtomicInteger known = new AtomicInteger(1);
            late.replyInTurn(
                    ApiKey.HEARTBEAT,
                    Scripted.V0,
                    2,
                    () -> HeartbeatResponse.builder()
                            .errorCode((short) known.get())
                            .build());
            known.set(2);
            Scripted.echo(slow);

            assertThat(client.receive().getInt()).isEqualTo(1);
            ByteBuffer reply = client.receive();
            assertThat(reply.getInt()).isEqualTo(2);
            assertThat(reply.getShort()).isEqualTo((short) 2);
        }
    }

    @Test
    void sendsRepliesInTheOrderOfTheRequestsHoweverTheyEnd() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                exchange.next();
                served.processor.hold(exchange);
            };
            for (int i = 0; i < 50; i++) client.send(Client.request(i, 20));
            List<Exchange> held = new ArrayList<>();
            for (int i = 0; i < 50; i++) held.add(served.processor.takeHeld());
            Collections.shuffle(held, new Random(1));
            for (Exchange exchange : held) Scripted.echo(exchange);
            for (int i = 0; i < 50; i++) assertThat(client.receive().getInt()).isEqualTo(i);
        }
    }

    @Test
    void handsOverTheNextRequestOnlyWhenItIsWanted() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = served.processor::hold;
            for (int i = 0; i < 3; i++) client.send(Client.request(i, 20));
            Exchange first = served.processor.takeHeld();
            assertThat(served.processor.requests).hasValue(1);
            first.next();
            Exchange second = served.processor.takeHeld();
            assertThat(served.processor.requests).hasValue(2);
            second.noReply();
            Exchange third = served.processor.takeHeld();
            Scripted.echo(third);
            Scripted.echo(first);
            assertThat(client.receive().getInt()).isZero();
            assertThat(client.receive().getInt()).isEqualTo(2);
        }
    }

    @Test
    void keepsTheFrameOfARequestThatTakesLong() throws Exception {
        try (Served served = new Served();
                Client client = served.connect();
                Client other = served.connect()) {
            served.processor.script = exchange -> {
                if (Scripted.correlationId(exchange) == 5) served.processor.hold(exchange);
                else Scripted.echo(exchange);
            };
            client.send(Client.request(5, 1_000));
            Exchange slow = served.processor.takeHeld();
            for (int i = 100; i < 1_100; i++) {
                other.send(Client.request(i, 500));
                assertThat(other.receive().getInt()).isEqualTo(i);
            }
            ByteBuffer frame = slow.frame();
            for (int i = 8; i < frame.limit(); i++) assertThat(frame.get(i)).isEqualTo((byte) 5);
            Scripted.echo(slow);
            assertThat(client.receive().getInt()).isEqualTo(5);
        }
    }

    @Test
    void isDeafToASecondEnd() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                Scripted.echo(exchange);
                Scripted.echo(exchange);
                exchange.noReply();
                exchange.releaseFrame();
                exchange.next();
            };
            client.send(Client.request(1, 0)).send(Client.request(2, 0));
            assertThat(client.receive().getInt()).isEqualTo(1);
            assertThat(client.receive().getInt()).isEqualTo(2);
        }
    }

    @Test
    void takesAHundredThousandRequestsFromAClientThatDoesNotRead() throws Exception {
        int count = 100_000;
        try (Served served = new Served(config -> config.sendBufferBytes(16 << 10));
                Client client = new Client(served.port(), 16 << 10)) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < count; i++) all.writeBytes(Client.request(i, 0));
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    client.send(all.toByteArray());
                } catch (java.io.IOException failure) {
                    throw new java.io.UncheckedIOException(failure);
                }
            });
            Served.await("the server stops to read", () -> served.server.queuedBytes() > 100_000);
            assertThat(served.server.queuedBytes()).isLessThan(1 << 20);
            assertThat(served.processor.requests.get()).isLessThan(count);
            for (int i = 0; i < count; i++)
                assertThat(client.receive().getInt()).isEqualTo(i);
            sender.join();
        }
    }

    @Test
    void dropsRepliesOfAConnectionThatIsGone() throws Exception {
        try (Served served = new Served()) {
            served.processor.script = served.processor::hold;
            Client client = served.connect();
            client.send(Client.request(1, 100));
            Exchange held = served.processor.takeHeld();
            client.close();
            Served.await("the end is noticed", () -> served.processor.disconnects.get() == 1);
            assertThat(held.connection().isOpen()).isFalse();
            Scripted.echo(held);
        }
    }

    @Test
    void processesEverythingThatCameBeforeTheEndOfTheStream() throws Exception {
        try (Served served = new Served()) {
            served.processor.script = Exchange::noReply;
            Client client = served.connect();
            for (int i = 0; i < 2_000; i++) client.send(Client.request(i, 100));
            client.close();
            Served.await("all were processed", () -> served.processor.requests.get() == 2_000);
        }
    }

    @Test
    void writesRepliesThatAreLargerThanAnyBuffer() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            byte[] auth = new byte[5_000_000];
            new Random(3).nextBytes(auth);
            served.processor.script = exchange -> {
                int id = Scripted.correlationId(exchange);
                if (id % 2 == 0) Scripted.echo(exchange);
                else exchange.reply(ApiKey.SASL_AUTHENTICATE, (short) 2, id, Replies.saslAuthenticate(auth));
            };
            for (int i = 0; i < 6; i++) client.send(Client.request(i, 0));
            for (int i = 0; i < 6; i++) {
                ByteBuffer reply = client.receive();
                assertThat(reply.getInt()).isEqualTo(i);
                if (i % 2 == 1) {
                    assertThat(reply.remaining()).isGreaterThan(auth.length);
                    // header tags, error code, error message, length of 4 bytes
                    byte[] came = new byte[auth.length];
                    reply.get(reply.position() + 1 + 2 + 1 + 4, came);
                    assertThat(java.util.Arrays.equals(came, auth)).isTrue();
                }
            }
        }
    }

    @Test
    void aBugInTheProcessorCostsOneConnection() throws Exception {
        try (Served served = new Served();
                Client good = served.connect();
                Client client = served.connect()) {
            served.processor.script = exchange -> {
                if (Scripted.correlationId(exchange) == 13) throw new IllegalStateException("a bug");
                Scripted.echo(exchange);
            };
            client.send(Client.request(13, 0));
            assertThat(client.isClosedByServer()).isTrue();
            good.send(Client.request(1, 0));
            assertThat(good.receive().getInt()).isEqualTo(1);
            assertThat(served.hasStackTrace()).isTrue();
        }
    }

    @Test
    void endsInOrderWithinTheGrace() throws Exception {
        try (Served served = new Served();
                Client client = served.connect();
                Client idle = served.connect()) {
            served.processor.script = served.processor::hold;
            client.send(Client.request(1, 0));
            Exchange held = served.processor.takeHeld();
            Thread closer = Thread.ofVirtual().start(() -> served.server.close(20_000));
            assertThat(idle.isClosedByServer()).isTrue();
            Scripted.echo(held);
            assertThat(client.receive().getInt()).isEqualTo(1);
            assertThat(client.isClosedByServer()).isTrue();
            closer.join();
        }
    }

    @Test
    void endsAlsoWhatDoesNotEndByItself() throws Exception {
        try (Served served = new Served();
                Client client = served.connect()) {
            served.processor.script = served.processor::hold;
            client.send(Client.request(1, 0));
            Exchange held = served.processor.takeHeld();
            assertThat(served.server.close(50)).isFalse();
            assertThat(client.isClosedByServer()).isTrue();
            held.noReply();
        }
    }
}
