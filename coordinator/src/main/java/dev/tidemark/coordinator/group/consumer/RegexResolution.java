package dev.tidemark.coordinator.group.consumer;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.tidemark.coordinator.group.GroupInput;
import dev.tidemark.coordinator.group.MetadataView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Finds the topics that regular expressions stand for. Worked off the serial: a cluster may have very many
/// topics. RE2/J takes time linear in the text, whatever the expression.
///
/// @param mayDescribe which topics the members may see
record RegexResolution(SortedSet<String> regexes, MetadataView metadata, Predicate<String> mayDescribe, long nowMs)
        implements Supplier<GroupInput> {

    /// What is wrong with the expression; null for nothing.
    static @Nullable String check(String regex) {
        try {
            Pattern.compile(regex);
            return null;
        } catch (PatternSyntaxException invalid) {
            return invalid.getDescription();
        }
    }

    @Override
    public GroupInput get() {
        Map<String, ResolvedRegex> resolved = new TreeMap<>();
        for (String regex : regexes) resolved.put(regex, new ResolvedRegex(matching(regex), metadata.version(), nowMs));
        return new GroupInput.RegexesResolved(resolved);
    }

    private List<String> matching(String regex) {
        if (check(regex) != null) return List.of();
        Pattern pattern = Pattern.compile(regex);
        List<String> topics = new ArrayList<>();
        for (String topic : metadata.topicNames())
            if (pattern.matches(topic) && mayDescribe.test(topic)) topics.add(topic);
        Collections.sort(topics);
        return topics;
    }
}
