package dev.pbp.web.internal;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packages of this module: their size, and which may depend on which. */
final class PackagesTest {
    private static final String API = "dev.pbp.web";
    private static final int MOST_CLASSES = 30;
    private static final int MOST_PUBLIC_TYPES = 12;

    /** Where users begin. These depend on internal packages, and no internal package depends on them. */
    private static final Set<String> ENTRY_POINTS = Set.of("Site", "SiteBuilder");

    /** No package depends on {@code hello} or {@code legacy}: each can be removed. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "http", Set.of(API),
            "push", Set.of("http"),
            "tables", Set.of(API, "http"),
            "assembly", Set.of(API, "http", "tables"),
            "legacy", Set.of("http", "push", "tables", "assembly"),
            "hello", Set.of(API, "http", "assembly"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(API);

    private static final DescribedPredicate<JavaClass> ENTRY_POINT = DescribedPredicate.describe(
            "are entry points of the API",
            type -> type.getPackageName().equals(API) && ENTRY_POINTS.contains(outermost(type)));

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(PackagesTest::outermost).orElseGet(type::getSimpleName);
    }

    private static String internal(String name) {
        return name.equals(API) ? API : API + ".internal." + name;
    }

    /** One that was removed needs none. */
    @Test
    void everyPackageHasItsRule() {
        assertThat(CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()))
                .isSubsetOf(Stream.concat(Stream.of(API), ALLOWED.keySet().stream())
                        .map(PackagesTest::internal)
                        .toList());
    }

    @Test
    void eachPackageDependsOnThoseBelowItOnly() {
        ALLOWED.forEach((name, allowed) -> noClasses()
                .that()
                .resideInAPackage(internal(name))
                .should()
                .dependOnClassesThat(resideInAPackage(API + "..")
                        .and(resideOutsideOfPackage(internal(name)))
                        .and(resideOutsideOfPackages(
                                allowed.stream().map(PackagesTest::internal).toArray(String[]::new))))
                .orShould()
                .dependOnClassesThat(ENTRY_POINT)
                .allowEmptyShould(true)
                .check(CLASSES));
    }

    @Test
    void theTypesOfTheApiThatAreNoEntryPointsNeedNoInternals() {
        noClasses()
                .that()
                .resideInAPackage(API)
                .and(DescribedPredicate.not(ENTRY_POINT))
                .should()
                .dependOnClassesThat(ENTRY_POINT.or(resideInAPackage(API + ".internal..")))
                .check(CLASSES);
    }

    /** A package is a slice; the API is two, its entry points and the rest. */
    @Test
    void thereAreNoCycles() {
        slices().assignedFrom(new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass type) {
                        return SliceIdentifier.of(ENTRY_POINT.test(type) ? "entry points" : type.getPackageName());
                    }

                    @Override
                    public String getDescription() {
                        return "packages";
                    }
                })
                .should()
                .beFreeOfCycles()
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

    @Test
    void theApiHasNoMorePublicTypes() {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().equals(API) && type.isTopLevelClass())
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .hasSizeLessThanOrEqualTo(MOST_PUBLIC_TYPES);
    }
}
