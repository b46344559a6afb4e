package dev.tidemark.dist.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The methods at which the optimizing compiler stops are there: the virtual machine itself says nothing of a name that
/// is no more, and each request then costs more than it must.
class SeamsTest {
    private static final String RULE = "dontinline ";

    @TestFactory
    List<DynamicTest> eachSeamIsAMethod() throws IOException {
        List<DynamicTest> tests = Files.readAllLines(Path.of("src/main/jvm/seams")).stream()
                .filter(line -> line.startsWith(RULE + "dev.tidemark.") && !line.contains("*"))
                .map(line -> line.substring(RULE.length()))
                .map(seam -> DynamicTest.dynamicTest(seam, () -> hasMethod(seam)))
                .toList();
        assertThat(tests).isNotEmpty();
        return tests;
    }

    private static void hasMethod(String seam) throws ClassNotFoundException {
        String[] parts = seam.split("::");
        Class<?> type = Class.forName(parts[0], false, SeamsTest.class.getClassLoader());
        assertThat(Arrays.stream(type.getDeclaredMethods()))
                .anyMatch(method -> method.getName().equals(parts[1]));
    }
}
