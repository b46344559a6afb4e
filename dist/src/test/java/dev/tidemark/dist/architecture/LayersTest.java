package dev.tidemark.dist.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayersTest {
    private static final String ROOT = "dev.tidemark.";

    /// The house: each module with those that it may import.
    @SuppressWarnings("ImmutableEnumChecker") // List.of is.
    enum Module {
        BASE,
        PROTOCOL(BASE),
        STORAGE(BASE, PROTOCOL),
        REPLICATION(BASE, PROTOCOL),
        METADATA(BASE, PROTOCOL),
        COORDINATOR(BASE, PROTOCOL),
        BROKER(BASE, PROTOCOL, STORAGE, REPLICATION, METADATA, COORDINATOR),
        NETWORK(BASE, PROTOCOL, STORAGE, METADATA, BROKER),
        ZOOKEEPER(BASE, METADATA),
        CLIENT(BASE, PROTOCOL),
        DIST(BASE, PROTOCOL, STORAGE, REPLICATION, METADATA, COORDINATOR, BROKER, NETWORK, ZOOKEEPER, CLIENT);

        final List<Module> below;

        Module(Module... below) {
            this.below = List.of(below);
        }

        String packages() {
            return ROOT + folder() + "..";
        }

        String folder() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A library with the modules that may see it.
    @SuppressWarnings("ImmutableEnumChecker") // List.of is.
    enum Library {
        NETTY(List.of("io.netty.."), Module.NETWORK),
        ZOOKEEPER(List.of("org.apache.zookeeper..", "org.apache.curator.."), Module.ZOOKEEPER),
        COMPRESSION(List.of("com.github.luben..", "net.jpountz..", "org.xerial.."), Module.PROTOCOL),
        JACKSON(List.of("com.fasterxml.."), Module.METADATA, Module.DIST),
        /// The image's maps are persistent collections, and whoever reads the image sees them.
        COLLECTIONS(List.of("org.pcollections.."), Module.METADATA, Module.COORDINATOR, Module.BROKER, Module.DIST),
        EXPRESSIONS(List.of("com.google.re2j.."), Module.COORDINATOR),
        COMMAND_LINE(List.of("picocli.."), Module.DIST),
        LOG_OUTPUT(List.of("ch.qos.logback.."), Module.DIST),
        /// Apache Kafka's own code is read when building and compared with in tests, and never shipped.
        KAFKA(List.of("org.apache.kafka.."));

        final List<String> packages;
        final List<Module> seenBy;

        Library(List<String> packages, Module... seenBy) {
            this.packages = packages;
            this.seenBy = List.of(seenBy);
        }
    }

    @Test
    void everyClassBelongsToAModuleOfTheHouse() {
        Set<String> known = new TreeSet<>();
        for (Module module : Module.values()) known.add(module.folder());

        Set<String> found = new TreeSet<>();
        for (JavaClass one : MainClasses.ALL) {
            found.add(one.getPackageName().substring(ROOT.length()).split("\\.")[0]);
        }

        assertThat(found).isEqualTo(known);
    }

    @ParameterizedTest
    @EnumSource
    void aModuleImportsOnlyWhatStandsBelowIt(Module module) {
        List<String> others = new ArrayList<>();
        for (Module other : Module.values()) {
            if (other != module && !module.below.contains(other)) others.add(other.packages());
        }
        if (others.isEmpty()) return; // The top of the house.

        noClasses()
                .that()
                .resideInAPackage(module.packages())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others.toArray(String[]::new))
                .check(MainClasses.ALL);
    }

    @ParameterizedTest
    @EnumSource
    void aLibraryIsSeenOnlyWhereItIsFencedIn(Library library) {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        library.seenBy.stream().map(Module::packages).toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(library.packages.toArray(String[]::new))
                .check(MainClasses.ALL);
    }

    @Test
    void everyPackageSaysWhatMayBeNull() {
        List<String> without = new ArrayList<>();
        for (JavaPackage one : MainClasses.ALL.getPackage("dev.tidemark").getSubpackagesInTree()) {
            if (!one.getClasses().isEmpty() && !one.isAnnotatedWith(NullMarked.class)) without.add(one.getName());
        }

        assertThat(without).isEmpty();
    }

    @Test
    void namesSayWhatAThingIs() {
        for (String ending : Arrays.asList("Manager", "Helper", "Helpers", "Util", "Utils", "Impl")) {
            classes().should().haveSimpleNameNotEndingWith(ending).check(MainClasses.ALL);
        }
    }
}
