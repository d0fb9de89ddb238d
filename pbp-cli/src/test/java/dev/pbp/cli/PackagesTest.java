package dev.pbp.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packages of this module: which may depend on which. {@link ArchitectureTest} limits their size. */
final class PackagesTest {
    private static final String CLI = "dev.pbp.cli";

    /** By each package those that it may use; the empty name is the one where the process starts. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "settings", Set.of(),
            "embedded", Set.of(),
            "terminal", Set.of("settings"),
            "database", Set.of("settings", "embedded", "terminal"),
            "doctor", Set.of("settings", "database"),
            "status", Set.of("settings", "terminal", "database"),
            "command", Set.of("settings", "embedded", "terminal", "database", "doctor", "status"),
            "", Set.of("settings", "embedded", "terminal", "command"),
            "startup", Set.of("", "terminal", "command"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(CLI);

    private static String full(String name) {
        return name.isEmpty() ? CLI : CLI + "." + name;
    }

    @Test
    void everyPackageHasItsRule() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(
                        ALLOWED.keySet().stream().map(PackagesTest::full).toList());
    }

    @Test
    void eachPackageDependsOnThoseBelowItOnly() {
        ALLOWED.forEach((name, allowed) -> noClasses()
                .that()
                .resideInAPackage(full(name))
                .should()
                .dependOnClassesThat(resideInAPackage(CLI + "..")
                        .and(resideOutsideOfPackages(Stream.concat(Stream.of(name), allowed.stream())
                                .map(PackagesTest::full)
                                .toArray(String[]::new))))
                .check(CLASSES));
    }

    /** Commands are created by their registry alone, checks by the doctor. */
    @Test
    void commandsAndChecksAreNotPublic() {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .noneMatch(name -> name.endsWith("Command") || name.matches("(?!Skipped).*Check"))
                .isNotEmpty();
    }
}
