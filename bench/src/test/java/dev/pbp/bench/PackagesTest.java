package dev.pbp.bench;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packages of this module: their size, which may depend on which, and names that do not come back. */
final class PackagesTest {
    private static final String BENCH = "dev.pbp.bench";
    private static final long MOST_CLASSES = 30;

    /** By each package those that it may use; the empty name is the one that knows all benchmarks. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "harness", Set.of(),
            "cli", Set.of("harness"),
            "feed", Set.of("harness"),
            "notify", Set.of("harness"),
            "push", Set.of("harness"),
            "replica", Set.of("harness", "push"),
            "", Set.of("harness", "cli", "feed", "notify", "push", "replica"));

    private static final Pattern REPLACED =
            Pattern.compile("BareServer|Child|\\w*Ear|Follower|Incoming|Listening|Samples|Station\\w*|Tables|Way");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(BENCH);

    private static String full(String name) {
        return name.isEmpty() ? BENCH : BENCH + "." + name;
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
                .dependOnClassesThat(resideInAPackage(BENCH + "..")
                        .and(resideOutsideOfPackages(Stream.concat(Stream.of(name), allowed.stream())
                                .map(PackagesTest::full)
                                .toArray(String[]::new))))
                .check(CLASSES));
    }

    @Test
    void noPackageHasMoreClassesThanAReaderCanSurvey() {
        assertThat(CLASSES.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> !type.getSimpleName().endsWith("-info"))
                        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())))
                .allSatisfy((name, classes) -> assertThat(classes).as(name).isLessThanOrEqualTo(MOST_CLASSES));
    }

    @Test
    void noTypeHasAReplacedName() {
        assertThat(CLASSES.stream().map(JavaClass::getSimpleName))
                .noneMatch(name -> REPLACED.matcher(name).matches());
    }
}
