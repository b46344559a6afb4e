package dev.tidemark.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Samples kafka = new Samples();
    private final Samples tidemark = new Samples();

    @Test
    void aCostIsOursByTheirsAndARateTheirsByOurs() {
        kafka.add(Row.PRODUCE_CPU, 10);
        tidemark.add(Row.PRODUCE_CPU, 5);
        kafka.add(Row.PRODUCE_RATE, 50);
        tidemark.add(Row.PRODUCE_RATE, 100);

        assertThat(report().lines())
                .extracting(Report.Line::ratio, Report.Line::verdict)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("0.500", "missed"),
                        org.assertj.core.groups.Tuple.tuple("0.500", "reached"));
    }

    @Test
    void theMedianDecidesAndTheSpreadIsShown() {
        for (double value : new double[] {900, 100, 110}) kafka.add(Row.START, value);
        for (double value : new double[] {20, 22, 500}) tidemark.add(Row.START, value);

        Report.Line line = report().lines().getFirst();

        assertThat(line.theirs()).isEqualTo("110 (100–900)");
        assertThat(line.ours()).isEqualTo("22.0 (20.0–500)");
        assertThat(line.ratio()).isEqualTo("0.200");
        assertThat(line.verdict()).isEqualTo("reached");
    }

    @Test
    void whatIsWorseThanKafkaIsCalledSo() {
        kafka.add(Row.IDLE_RSS, 100);
        tidemark.add(Row.IDLE_RSS, 101);

        assertThat(report().toText()).contains("worse than Kafka");
    }

    @Test
    void aSingleProductHasNoRatio() throws IOException {
        tidemark.add(Row.IDLE_RSS, 101);

        assertThat(report().lines()).extracting(Report.Line::ratio).containsExactly("");
        assertThat(ReportFiles.toJson(report()))
                .contains("\"tidemark\" : [ 101.0 ]")
                .doesNotContain("\"ratio\"");
    }

    private Report report() {
        return new Report(Instant.EPOCH, kafka, tidemark, Map.of("memory", "1 GB"), "./tidemark bench", 3, List.of());
    }
}
