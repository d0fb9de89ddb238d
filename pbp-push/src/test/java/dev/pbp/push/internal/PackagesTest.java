package dev.pbp.push.internal;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The packages of this module: their size, and which may depend on which. */
final class PackagesTest {
    private static final String ALL = "dev.pbp.push";
    private static final int MOST_CLASSES = 30;

    private static final Map<String, Set<String>> ALLOWED = Map.of(
            ".http", Set.of(),
            ".connection", Set.of(".http"),
            ".timer", Set.of(),
            ".access", Set.of(".http", ".connection"),
            ".internal.subscriber", Set.of(".http", ".connection", ".timer", ".access"),
            "", Set.of(".http", ".connection", ".timer", ".access", ".internal.subscriber"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ALL);

    @Test
    void everyPackageHasItsRule() {
        assertThat(CLASSES.stream()
                        .map(type -> type.getPackageName().substring(ALL.length()))
                        .collect(Collectors.toSet()))
                .isEqualTo(ALLOWED.keySet());
    }

    @Test
    void eachPackageDependsOnThoseBelowItOnly() {
        ALLOWED.forEach((name, allowed) -> noClasses()
                .that()
                .resideInAPackage(ALL + name)
                .should()
                .dependOnClassesThat(resideInAPackage(ALL + "..")
                        .and(resideOutsideOfPackage(ALL + name))
                        .and(resideOutsideOfPackages(
                                allowed.stream().map(ALL::concat).toArray(String[]::new))))
                .check(CLASSES));
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("dev.pbp.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void noServerNoDatabaseAndNoOtherModuleButTheCoreIsNeeded() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideInAPackage(ALL + "..")
                        .or(resideInAPackage("dev.pbp.core.."))
                        .or(resideInAPackage("java..").and(resideOutsideOfPackage("java.sql..")))
                        .or(resideInAPackage("tools.jackson.."))
                        .or(resideInAPackage("org.jspecify..")))
                .check(CLASSES);
    }

    @Test
    void noPackageHasMoreClassesThanAReaderCanSurvey() {
        assertThat(CLASSES.stream()
                        .filter(JavaClass::isTopLevelClass)
                        .filter(type -> !type.getSimpleName().endsWith("-info"))
                        .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting())))
                .allSatisfy((name, classes) -> assertThat(classes).as(name).isLessThanOrEqualTo(MOST_CLASSES));
    }
}
