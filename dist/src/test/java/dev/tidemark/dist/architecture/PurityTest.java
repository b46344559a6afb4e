package dev.tidemark.dist.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Whoever decides does no IO, knows no thread, and reads neither clock nor chance: every decision can be replayed.
///
/// What no rule here can see: the order of `Set.of`, `Map.of` and of hash maps keyed by identity, which differs
/// between runs.
class PurityTest {
    /// The coordinators and `GroupShards` are the way in from the broker's handlers: they speak in futures and keep
    /// the shards. What they hand on to is pure.
    private static final Pattern WAY_IN = Pattern.compile("dev\\.tidemark\\.coordinator"
            + "\\.(group\\.(GroupCoordinator|GroupShards)|transaction\\.TransactionCoordinator)(\\$.*)?");

    /// Shared by the connections of all loops, so that they take turns by their monitor; but for that they are pure.
    private static final DescribedPredicate<JavaClass> FETCH_SESSIONS =
            named("fetch sessions", Pattern.compile("dev\\.tidemark\\.broker\\.fetch\\.FetchSessions?(\\$.*)?"));

    /// Decisions: replication, the controller and the image it decides on, both group protocols,
    /// transactions, a client's membership, and a broker's fetch sessions.
    private static final DescribedPredicate<JavaClass> PURE = resideInAnyPackage(
                    "dev.tidemark.replication..",
                    "dev.tidemark.metadata.image..",
                    "dev.tidemark.metadata.controller..",
                    "dev.tidemark.coordinator.group..",
                    "dev.tidemark.coordinator.transaction..",
                    "dev.tidemark.client.consumer.membership..")
            .or(FETCH_SESSIONS)
            .and(DescribedPredicate.not(named("the way in to the coordinators", WAY_IN)))
            .as("pure classes");

    /// A pass sleeps on the executor's thread where it was told to spare the disk, and leaves when it is interrupted.
    private static final Pattern CLEANER =
            Pattern.compile("dev\\.tidemark\\.storage\\.cleaner\\.(LogCleaner|PassWaits)(\\$.*)?");

    /// Run on serials, loops and executors that they are given, so that a whole cluster can run in one thread. The
    /// codec of znodes is here and not among the pure ones because Jackson declares IOException.
    private static final DescribedPredicate<JavaClass> CARRIED = resideInAnyPackage(
                    "dev.tidemark.metadata..", "dev.tidemark.coordinator..", "dev.tidemark.broker..")
            .or(resideInAPackage("dev.tidemark.storage.."))
            .and(DescribedPredicate.not(named("the cleaner's own thread", CLEANER)))
            .as("classes that the seams carry");

    private static final Map<String, Set<String>> CLOCKS_AND_CHANCE = Map.of(
            "java.lang.System", Set.of("nanoTime", "currentTimeMillis"),
            "java.lang.Math", Set.of("random"),
            "java.util.UUID", Set.of("randomUUID"),
            "java.time.Instant", Set.of("now"),
            "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
            "java.time.LocalDateTime", Set.of("now"),
            "java.time.ZonedDateTime", Set.of("now"),
            "java.lang.Thread", Set.of("sleep", "onSpinWait", "yield"),
            // A channel may be passed on, to send from it; it is opened behind the Disk.
            "java.nio.channels.FileChannel", Set.of("open"));

    @Test
    void thePureKnowsNoInputOutputAndNoConcurrency() {
        noClasses()
                .that(PURE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "java.io..", "java.net..", "java.nio.channels..", "java.nio.file..", "java.util.concurrent.."))
                .check(MainClasses.ALL);
    }

    @Test
    void thePureKnowsNoThreads() {
        noClasses()
                .that(PURE)
                .should()
                .dependOnClassesThat(belongTo(named("threads", Pattern.compile("java\\.lang\\.Thread(Local)?"))))
                .check(MainClasses.ALL);
        methods()
                .that()
                .areDeclaredInClassesThat(PURE.and(DescribedPredicate.not(FETCH_SESSIONS)))
                .should()
                .notHaveModifier(JavaModifier.SYNCHRONIZED)
                .check(MainClasses.ALL);
        fields().that()
                .areDeclaredInClassesThat(PURE)
                .should()
                .notHaveModifier(JavaModifier.VOLATILE)
                .check(MainClasses.ALL);
    }

    @Test
    void thePureReadsNeitherClockNorChance() {
        noClasses()
                .that(PURE)
                .should()
                .accessTargetWhere(CLOCK_OR_CHANCE)
                .orShould()
                .dependOnClassesThat(named(
                        "sources of chance",
                        Pattern.compile("java\\.util\\.(Random|SplittableRandom)|java\\.security\\.SecureRandom")))
                .check(MainClasses.ALL);
    }

    @Test
    void whatTheSeamsCarryReadsNeitherClockNorChanceItself() {
        noClasses().that(CARRIED).should().accessTargetWhere(CLOCK_OR_CHANCE).check(MainClasses.ALL);
    }

    @Test
    void whatTheSeamsCarryOpensNothingAndStartsNoThread() {
        noClasses()
                .that(CARRIED)
                .should()
                .dependOnClassesThat(named(
                        "files, sockets and threads",
                        Pattern.compile("java\\.io\\.(File|RandomAccessFile|File.*Stream|FileReader|FileWriter)"
                                + "|java\\.nio\\.file\\.Files"
                                + "|java\\.nio\\.channels\\.(.*Socket.*|Selector)"
                                + "|java\\.net\\.(Socket|ServerSocket|DatagramSocket)"
                                + "|java\\.lang\\.Thread|java\\.lang\\.Thread\\$Builder.*"
                                + "|java\\.util\\.(Timer|concurrent\\.(Executors|ThreadPoolExecutor|ForkJoinPool))")))
                .check(MainClasses.ALL);
    }

    @Test
    void nothingTravelsOnThreadLocals() {
        noClasses()
                .should()
                .dependOnClassesThat(named("thread locals", Pattern.compile("java\\.lang\\.(Inheritable)?ThreadLocal")))
                .check(MainClasses.ALL);
    }

    private static final DescribedPredicate<JavaAccess<?>> CLOCK_OR_CHANCE =
            new DescribedPredicate<>("reads a clock, chance, or waits") {
                @Override
                public boolean test(JavaAccess<?> access) {
                    AccessTarget target = access.getTarget();
                    return CLOCKS_AND_CHANCE
                            .getOrDefault(target.getOwner().getName(), Set.of())
                            .contains(target.getName());
                }
            };

    private static DescribedPredicate<JavaClass> named(String what, Pattern name) {
        return new DescribedPredicate<>(what) {
            @Override
            public boolean test(JavaClass one) {
                return name.matcher(one.getName()).matches();
            }
        };
    }
}
