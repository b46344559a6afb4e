package dev.tidemark.dist.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.util.regex.Pattern;

/// The classes of every module that is shipped, read once. Left out are tests, and the generated messages, of which
/// there are thousands: they are as their generator is.
final class MainClasses {
    private static final Pattern GENERATED =
            Pattern.compile(".*/dev/tidemark/protocol/(message|internaltopic)/(?!package-info).*");

    static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(MainClasses::isWritten)
            .importPackages("dev.tidemark");

    private MainClasses() {}

    private static boolean isWritten(Location location) {
        return !location.matches(GENERATED);
    }
}
