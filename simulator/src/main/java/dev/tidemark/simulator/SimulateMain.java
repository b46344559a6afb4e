package dev.tidemark.simulator;

import dev.tidemark.simulator.fault.Theme;
import dev.tidemark.simulator.flaw.Flaw;
import dev.tidemark.simulator.world.Findings;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./tidemark simulate`: runs seeds until all are done, and tells what it found and how to see it again.
@Command(
        name = "tidemark simulate",
        mixinStandardHelpOptions = true,
        description = "Runs whole clusters in one thread, each from one seed, with faults, and checks what must hold.")
public final class SimulateMain implements Callable<Integer> {
    private static final int STORY_LINES = 60;

    @Option(names = "--seeds", description = "how many seeds to run; one where --seed is given, else 20")
    private int seeds;

    @Option(names = "--seed", description = "the first seed; without it one that nobody has chosen")
    private Long seed;

    @Option(names = "--minutes", description = "stop after so many minutes")
    private double minutes;

    @Option(names = "--brokers", description = "how many brokers; without it the seed decides")
    private int brokers;

    @Option(
            names = "--seconds",
            description = "how long faults happen, in simulated seconds; without it the seed decides")
    private long seconds;

    @Option(names = "--scenario", description = "which kinds of faults: ${COMPLETION-CANDIDATES}", defaultValue = "ANY")
    private Theme theme = Theme.ANY;

    @Option(
            names = "--flaw",
            description = "put a bug into the brokers, to see it found: ${COMPLETION-CANDIDATES}",
            defaultValue = "NONE")
    private Flaw flaw = Flaw.NONE;

    @Option(names = "--until-found", description = "stop at the first seed that is bad")
    private boolean untilFound;

    @Option(names = "--verbose", description = "tell all that happens")
    private boolean verbose;

    @Option(names = "--debug", description = "tell also what the brokers log for developers")
    private boolean debug;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SimulateMain()).execute(arguments));
    }

    @Override
    public Integer call() {
        long first = seed != null ? seed : System.nanoTime() & 0xFFFF_FFFFL;
        int count = seeds > 0 ? seeds : seed != null && minutes == 0 ? 1 : minutes > 0 ? Integer.MAX_VALUE : 20;
        long startedNs = System.nanoTime();
        long endNs = minutes > 0 ? startedNs + (long) (minutes * 60e9) : Long.MAX_VALUE;
        long simulatedMs = 0;
        int done = 0;
        int bad = 0;
        while (done < count && !(untilFound && bad > 0) && System.nanoTime() < endNs) {
            Simulation simulation =
                    new Simulation(first + done, new Scenario.Wishes(brokers, seconds * 1_000, theme, flaw));
            if (verbose) simulation.tellAll();
            if (debug) simulation.tellDetails();
            Simulation.Outcome outcome = simulation.run();
            done++;
            simulatedMs += outcome.simulatedMs();
            if (!outcome.isGood()) bad++;
            tell(outcome);
        }
        double tookMinutes = (System.nanoTime() - startedNs) / 60e9;
        System.out.printf(
                "%d seeds, %d bad; %.2f simulated hours in %.2f minutes: %.1f seeds and %.2f simulated hours per minute%n",
                done, bad, simulatedMs / 3.6e6, tookMinutes, done / tookMinutes, simulatedMs / 3.6e6 / tookMinutes);
        return bad == 0 ? 0 : 1;
    }

    private void tell(Simulation.Outcome outcome) {
        System.out.printf(
                "seed %d: %s, %d s, %d events, %d acknowledged, %d read, %d commits, %d transactions, trace %016x, %s%n",
                outcome.seed(),
                outcome.isGood() ? "good" : "BAD",
                outcome.simulatedMs() / 1_000,
                outcome.events(),
                outcome.acked(),
                outcome.read(),
                outcome.commits(),
                outcome.transactions(),
                outcome.traceHash(),
                outcome.scenario().faults());
        if (outcome.isGood()) return;
        if (!verbose) {
            var story = outcome.story();
            story.subList(Math.max(0, story.size() - STORY_LINES), story.size()).forEach(System.out::println);
        }
        for (Findings.Finding finding : outcome.findings()) System.out.println("  " + finding);
        System.out.printf(
                "  to see it again: ./tidemark simulate --seed %d%s%s%s%s --verbose%n",
                outcome.seed(),
                brokers > 0 ? " --brokers " + brokers : "",
                seconds > 0 ? " --seconds " + seconds : "",
                theme == Theme.ANY ? "" : " --scenario " + theme,
                flaw == Flaw.NONE ? "" : " --flaw " + flaw);
    }
}
