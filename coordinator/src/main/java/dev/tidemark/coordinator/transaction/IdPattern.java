package dev.tidemark.coordinator.transaction;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The regular expression of a listing (KIP-1152).
public final class IdPattern {
    private IdPattern() {}

    /// Matches all where there is none; empty if it is none that can be read.
    public static Optional<Predicate<String>> of(@Nullable String regex) {
        if (regex == null || regex.isEmpty()) return Optional.of(_ -> true);
        try {
            return Optional.of(Pattern.compile(regex)::matches);
        } catch (PatternSyntaxException invalid) {
            return Optional.empty();
        }
    }
}
