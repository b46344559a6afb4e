package dev.tidemark.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeatsTest {
    @Test
    void theFirstConnectionsShareALoopAndLaterOnesSpread() {
        try (NettyLoops loops = NettyLoops.start(2)) {
            EventExecutor first = loops.all().getFirst().eventLoop();
            EventExecutor second = loops.all().getLast().eventLoop();

            List<EventExecutor> taken = new ArrayList<>();
            for (int i = 0; i < 2 * Seats.TOGETHER + 4; i++)
                taken.add(loops.group().next());

            assertThat(taken.subList(0, Seats.TOGETHER)).containsOnly(first);
            assertThat(taken.subList(Seats.TOGETHER, 2 * Seats.TOGETHER)).containsOnly(second);
            assertThat(taken.subList(2 * Seats.TOGETHER, taken.size())).containsExactly(first, second, first, second);
        }
    }

    @Test
    void aSeatThatWasLeftIsTakenAgain() {
        try (NettyLoops loops = NettyLoops.start(2)) {
            for (int i = 0; i < Seats.TOGETHER; i++) loops.group().next();

            loops.leave(loops.all().getFirst().eventLoop());

            assertThat(loops.group().next()).isSameAs(loops.all().getFirst().eventLoop());
            assertThat(loops.group().next()).isSameAs(loops.all().getLast().eventLoop());
        }
    }
}
